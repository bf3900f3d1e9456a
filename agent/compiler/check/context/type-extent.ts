import { type CType, innerTypes } from '../../ctype/index.ts';

/** How far a type reaches: its levels, and how many types it is made of; those of records do not count. */
export interface Extent {
  readonly depth: number;
  readonly parts: number;
}

/**
 * Measures types: those that `typeof` and `typedef` pile up on each other may double with each line of a
 * program.
 */
export class TypeExtents {
  readonly #known = new WeakMap<CType, Extent>();

  of(type: CType): Extent {
    const known = this.#known.get(type);
    if (known) return known;
    let [depth, parts] = [0, 1];
    for (const inner of innerTypes(type)) {
      const extent = this.of(inner);
      depth = Math.max(depth, extent.depth);
      parts += extent.parts;
    }
    const extent = { depth: depth + 1, parts };
    this.#known.set(type, extent);
    return extent;
  }
}
