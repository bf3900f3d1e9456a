/** More hits than this say that the value is a common number too, and that an index is the better way. */
const HITS_MAX = 2000;

/**
 * Places (in words) in `bytes[from..to)` at which the u32 `value` stands, aligned; undefined where there are
 * too many of them. The search itself is native code: in a process that has just started it takes a tenth of
 * the time in which JavaScript, not yet compiled, goes through all types once.
 */
export function searchWords(bytes: Buffer, from: number, to: number, value: number): number[] | undefined {
  const wanted = Buffer.alloc(4);
  wanted.writeUInt32LE(value);
  const hits: number[] = [];
  for (let at = bytes.indexOf(wanted, from); at >= 0 && at < to; at = bytes.indexOf(wanted, at + 1)) {
    if (at % 4 !== 0) continue;
    if (hits.length === HITS_MAX) return undefined;
    hits.push(at >> 2);
  }
  return hits;
}

/** The index of the last of the ascending `offsets` that is not above `offset`; -1 if all are. */
export function lastNotAbove(offsets: Uint32Array, offset: number): number {
  let low = 0;
  let high = offsets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (offsets[middle]! <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
