const SLOTS = 1 << 16;

/** All strings of a blob by their text: for programs that name more things than it pays to search for. */
export class StringIndex {
  readonly #bytes: Uint8Array;
  readonly #heads = new Int32Array(SLOTS).fill(-1);
  /** Where each string starts. */
  readonly #starts: Uint32Array;
  readonly #next: Int32Array;

  /** Goes through `bytes[start..end)` once; each string there ends with a NUL. */
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    const starts: number[] = [];
    const next: number[] = [];
    for (let at = start; at < end; at++) {
      const from = at;
      let hash = 0;
      for (; bytes[at] !== 0; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
      const slot = slotOf(hash);
      next.push(this.#heads[slot]!);
      this.#heads[slot] = starts.push(from) - 1;
    }
    this.#starts = Uint32Array.from(starts);
    this.#next = Int32Array.from(next);
  }

  /** Where `name`, which is ASCII, starts; undefined where it does not stand alone. */
  find(name: string): number | undefined {
    let hash = 0;
    for (let index = 0; index < name.length; index++)
      hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
    // A compiler's own BTF may have a string twice, and its types have the first: it is the last of the
    // chain.
    let found: number | undefined;
    for (let at = this.#heads[slotOf(hash)]!; at >= 0; at = this.#next[at]!)
      if (this.#is(name, this.#starts[at]!)) found = this.#starts[at];
    return found;
  }

  #is(name: string, start: number): boolean {
    for (let index = 0; index < name.length; index++)
      if (this.#bytes[start + index] !== name.charCodeAt(index)) return false;
    return this.#bytes[start + name.length] === 0;
  }
}

function slotOf(hash: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> 16;
}
