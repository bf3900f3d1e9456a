import type { Spellings } from './name-encoder.ts';

/**
 * A common end of at least so many codes is rare enough to be searched for once, rather than each spelling by
 * itself: scanning the table is cheap, examining a match is not.
 */
const COMMON_END_MIN = 6;

/** So many offsets of the table are sampled to learn which codes are rare. */
const SAMPLE = 4096;

/** How often each code occurs in a sample that is spread over `bytes`. */
export function codeCounts(bytes: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256);
  const step = Math.max(1, Math.floor(bytes.length / SAMPLE));
  for (let at = 0; at < bytes.length; at += step) counts[bytes[at]!]!++;
  return counts;
}

/** One spelling in the table; with `types`, one of these codes is between the length and `codes`. */
interface Pattern {
  readonly lengthBytes: readonly number[];
  readonly types: readonly number[] | undefined;
  readonly codes: readonly number[];
}

/**
 * All offsets in `bytes`, the compressed names, at which a name of `spellings` may start. A match may span
 * two names, and one offset may come twice. `counts` are those of {@link codeCounts}: they only make the
 * search faster.
 */
export function* findSpellings(bytes: Buffer, spellings: Spellings, counts: Uint32Array): Generator<number> {
  const patterns = patternsOf(spellings);
  const shared = commonEnd(patterns.map(pattern => pattern.codes));
  if (shared.length >= COMMON_END_MIN) {
    yield* findPatterns(bytes, cheapestEnd(shared, counts), patterns);
    return;
  }
  for (const pattern of patterns) {
    yield* findPatterns(bytes, cheapestEnd(pattern.codes, counts), [pattern]);
  }
}

/**
 * The cost of examining a match in JavaScript, relative to that of skipping to the next occurrence of the
 * first code.
 */
const HIT_COST = 30;

/**
 * The end of `codes` for which the search is fastest. Native code skips from one occurrence of its first code
 * to the next, so that a common one (`_`, at every sixtieth offset) takes four times as long as a rare one;
 * but the shorter the end, the more matches have to be examined.
 */
function cheapestEnd(codes: readonly number[], counts: Uint32Array): readonly number[] {
  let best = 0;
  let bestCost = Number.POSITIVE_INFINITY;
  let hits = 1;
  for (let at = codes.length - 1; at >= 0; at--) {
    const share = (counts[codes[at]!]! + 1) / SAMPLE;
    hits *= share;
    const cost = share + HIT_COST * hits;
    if (cost < bestCost) [best, bestCost] = [at, cost];
  }
  return codes.slice(best);
}

function patternsOf({ alone, freeTypes, joined }: Spellings): readonly Pattern[] {
  const free = { lengthBytes: lengthBytes(alone.length + 1), types: freeTypes, codes: alone };
  return [
    free,
    ...joined.map(codes => ({ lengthBytes: lengthBytes(codes.length), types: undefined, codes })),
  ];
}

/** ULEB128 of at most two bytes. */
function lengthBytes(length: number): readonly number[] {
  return length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
}

/** Searches for `end`, with which the codes of all `patterns` end, and then examines what precedes it. */
function* findPatterns(
  bytes: Buffer,
  end: readonly number[],
  patterns: readonly Pattern[],
): Generator<number> {
  const needle = Buffer.from(end);
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) {
    for (const pattern of patterns) {
      const offset = startOf(bytes, at + end.length, pattern, end.length);
      if (offset >= 0) yield offset;
    }
  }
}

/**
 * Where `pattern` starts that ends before `end` and whose last `known` codes are known to fit; -1 if it does
 * not.
 */
function startOf(bytes: Buffer, end: number, pattern: Pattern, known: number): number {
  const { lengthBytes, types, codes } = pattern;
  const codesAt = end - codes.length;
  for (let at = 0; at < codes.length - known; at++) if (bytes[codesAt + at] !== codes[at]) return -1;
  if (types !== undefined && !types.includes(bytes[codesAt - 1]!)) return -1;
  const start = codesAt - (types === undefined ? 0 : 1) - lengthBytes.length;
  for (let at = 0; at < lengthBytes.length; at++) if (bytes[start + at] !== lengthBytes[at]) return -1;
  return start;
}

function commonEnd(lists: readonly (readonly number[])[]): readonly number[] {
  const [first, ...others] = lists;
  if (first === undefined) return [];
  let length = 0;
  while (length < first.length && others.every(other => other.at(-1 - length) === first.at(-1 - length)))
    length++;
  return first.slice(first.length - length);
}
