/** Most names whose symbols are cached: a stream of unknown names must not grow the memory without limit. */
const REMEMBERED_MAX = 1024;

/**
 * A cached search for names in a table that never changes. Calls look up the same few names, and each search
 * takes milliseconds.
 */
export class CachedSearch {
  readonly #search: (name: string) => readonly number[];
  readonly #found = new Map<string, readonly number[]>();

  constructor(search: (name: string) => readonly number[]) {
    this.#search = search;
  }

  find(name: string): readonly number[] {
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    if (this.#found.size >= REMEMBERED_MAX) this.#found.clear();
    const found = this.#search(name);
    this.#found.set(name, found);
    return found;
  }
}
