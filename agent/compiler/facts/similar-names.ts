import { isSymbolName, NAME_MAX_BYTES } from './symbol-name.ts';

/** Many names, of which {@link similarNames} looks at those of a fitting length. */
export interface NameSource {
  /**
   * Visits each name whose length is within the bounds: it is `bytes[start..end)`, valid only during the
   * visit.
   */
  scan(
    minLength: number,
    maxLength: number,
    visit: (handle: number, bytes: Uint8Array, start: number, end: number) => void,
  ): void;
}

interface Candidate {
  readonly name: string;
  readonly distance: number;
}

const UNDERSCORE = 0x5f;
/** So many underscores more than were asked for a name may start with. */
const UNDERSCORES_MAX = 4;
/** The compiler's own companions of functions: padding before them (6.2 on) and kCFI type words. */
const NOISE = ['__pfx_', '__cfi_'];
/** Beyond this many equally near names the farther ones are dropped, so that the list stays short. */
const CANDIDATES_MAX = 256;

/**
 * Up to `limit` names near to `name`, the nearest first, then by the alphabet. Near means few changed, added
 * or left out letters; leading underscores count for almost nothing, because that is how kernel names most
 * often differ.
 */
export function similarNames(stores: readonly NameSource[], name: string, limit: number): readonly string[] {
  if (!isSymbolName(name) || limit <= 0) return [];
  const wanted = Buffer.from(name, 'latin1');
  const core = wanted.subarray(underscores(wanted, 0, wanted.length));
  const search = new NearSearch(core, wanted.length);
  for (const store of stores) search.visit(store);
  return search.best(limit);
}

class NearSearch {
  readonly #core: Uint8Array;
  readonly #letters: number;
  readonly #wantedLength: number;
  readonly #worst: number;
  readonly #found = new Map<string, Candidate>();

  constructor(core: Uint8Array, wantedLength: number) {
    this.#core = core;
    this.#letters = letterSet(core, 0, core.length);
    this.#wantedLength = wantedLength;
    this.#worst = Math.min(3, Math.floor(core.length / 3));
  }

  visit(store: NameSource): void {
    const shortest = Math.max(1, this.#core.length - this.#worst);
    const longest = this.#wantedLength + this.#worst + UNDERSCORES_MAX;
    store.scan(shortest, longest, (_handle, bytes, start, end) => {
      const from = underscores(bytes, start, end);
      if (Math.abs(end - from - this.#core.length) > this.#worst) return;
      // A changed letter takes one out of the set and brings one in.
      if (countBits(letterSet(bytes, from, end) ^ this.#letters) > 2 * this.#worst) return;
      const distance = editDistance(this.#core, bytes.subarray(from, end), this.#worst);
      if (distance <= this.#worst)
        this.#take(Buffer.from(bytes.subarray(start, end)).toString('latin1'), distance);
    });
  }

  best(limit: number): readonly string[] {
    const candidates = [...this.#found.values()];
    candidates.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
    return candidates.slice(0, limit).map(candidate => candidate.name);
  }

  #take(name: string, distance: number): void {
    if (name.includes('.') || NOISE.some(prefix => name.startsWith(prefix))) return;
    const extra = Math.abs(name.length - this.#wantedLength) / NAME_MAX_BYTES;
    if (this.#found.size < CANDIDATES_MAX) this.#found.set(name, { name, distance: distance + extra });
  }
}

/** Which letters occur, as 32 bits of their low five bits: an upper and a lower case letter share one. */
function letterSet(bytes: Uint8Array, start: number, end: number): number {
  let set = 0;
  for (let at = start; at < end; at++) set |= 1 << (bytes[at]! & 31);
  return set;
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** The index after the leading underscores of `bytes[start..end)`. */
function underscores(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end - 1 && bytes[at] === UNDERSCORE) at++;
  return at;
}

/**
 * How many letters to change, add or leave out, up to `worst`; anything above `worst` comes out as
 * `worst + 1`.
 */
export function editDistance(a: Uint8Array, b: Uint8Array, worst: number): number {
  if (Math.abs(a.length - b.length) > worst) return worst + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  let current = new Array<number>(b.length + 1).fill(0);
  for (let row = 1; row <= a.length; row++) {
    current[0] = row;
    let least = row;
    for (let column = 1; column <= b.length; column++) {
      const swap = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      const cost = Math.min(swap, previous[column]! + 1, current[column - 1]! + 1);
      current[column] = cost;
      if (cost < least) least = cost;
    }
    if (least > worst) return worst + 1;
    [previous, current] = [current, previous];
  }
  return Math.min(previous[b.length]!, worst + 1);
}
