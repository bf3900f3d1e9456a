import type { CType, DefinitionId, RecordType } from '../../ctype/index.ts';
import type { TypeBase } from '../../program/index.ts';
import { TypeExtents } from './type-extent.ts';

/** The types that one program defines itself. */
export class Definitions {
  /** What each definition has made: it may be looked at twice, as `auto` does with its initialiser. */
  readonly made = new WeakMap<TypeBase, CType>();
  readonly extents = new TypeExtents();
  readonly #depths = new WeakMap<RecordType, number>();
  readonly #open = new Set<CType>();
  #last: DefinitionId = 0;

  /** A number that no other type has; those of BTF are above 0. */
  newId(): DefinitionId {
    return --this.#last;
  }

  /** How many records lie within each other in this one, itself included; 1 for those of the kernel. */
  depthOf(record: RecordType): number {
    return this.#depths.get(record) ?? 1;
  }

  /** See {@link depthOf}. */
  setDepth(record: RecordType, depth: number): void {
    this.#depths.set(record, depth);
  }

  /** Whether the members of the type are being read. */
  isOpen(type: CType): boolean {
    return this.#open.has(type);
  }

  /** Runs `work`, which reads the members of `type`. */
  whileOpen(type: CType, work: () => void): void {
    this.#open.add(type);
    try {
      work();
    } finally {
      this.#open.delete(type);
    }
  }
}
