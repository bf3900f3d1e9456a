import { BTF_KIND, type Btf, type BtfKind, type TypeId } from '../btf/index.ts';

/** A name and the type that has it. */
export interface NamedType {
  readonly name: string;
  readonly id: TypeId;
}

/** Names in order, each with a number. */
class SortedNames {
  readonly #names: readonly string[];
  readonly #ids: Uint32Array;

  constructor(entries: NamedType[]) {
    entries.sort((one, other) =>
      one.name < other.name ? -1 : one.name > other.name ? 1 : one.id - other.id,
    );
    this.#names = entries.map(({ name }) => name);
    this.#ids = Uint32Array.from(entries, ({ id }) => id);
  }

  get count(): number {
    return this.#names.length;
  }

  *withPrefix(prefix: string): Generator<NamedType> {
    for (let at = this.#firstNotBelow(prefix); at < this.#names.length; at++) {
      const name = this.#names[at]!;
      if (!name.startsWith(prefix)) return;
      yield { name, id: this.#ids[at]! };
    }
  }

  *named(name: string): Generator<TypeId> {
    for (let at = this.#firstNotBelow(name); this.#names[at] === name; at++) yield this.#ids[at]!;
  }

  #firstNotBelow(name: string): number {
    let low = 0;
    let high = this.#names.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#names[middle]! < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const TABLES = {
  function: [BTF_KIND.FUNC],
  variable: [BTF_KIND.VAR],
  typedef: [BTF_KIND.TYPEDEF],
  struct: [BTF_KIND.STRUCT],
  union: [BTF_KIND.UNION],
  enum: [BTF_KIND.ENUM, BTF_KIND.ENUM64],
} as const satisfies Record<string, readonly BtfKind[]>;

/** The kinds of names that can be looked up. */
export type NameTable = keyof typeof TABLES | 'enumerator';

/**
 * The names of one BTF by what they are, in order: for those that begin with something, which `Btf` does not
 * find. Made once, in some 50 ms; it takes 100 bytes a name.
 */
export class NameTables {
  readonly #tables: ReadonlyMap<NameTable, SortedNames>;

  constructor(btf: Btf) {
    const entries = new Map<NameTable, NamedType[]>([['enumerator', []]]);
    const tableOf = new Map<BtfKind, NameTable>();
    for (const [table, kinds] of Object.entries(TABLES) as [NameTable, readonly BtfKind[]][]) {
      entries.set(table, []);
      for (const kind of kinds) tableOf.set(kind, table);
    }
    for (let id = btf.firstId; id < btf.endId; id++) {
      const table = tableOf.get(btf.kind(id));
      if (!table) continue;
      const name = btf.name(id);
      if (name !== '') entries.get(table)!.push({ name, id });
      if (table === 'enum')
        for (const each of btf.enumerators(id)) entries.get('enumerator')!.push({ name: each.name, id });
    }
    this.#tables = new Map([...entries].map(([table, list]) => [table, new SortedNames(list)]));
  }

  /** How many names a table has. */
  count(table: NameTable): number {
    return this.#tables.get(table)!.count;
  }

  /** Names that begin with `prefix`, in order; one that several types have comes as often. */
  withPrefix(table: NameTable, prefix: string): Generator<NamedType> {
    return this.#tables.get(table)!.withPrefix(prefix);
  }

  /** The types of exactly this name. */
  named(table: NameTable, name: string): TypeId[] {
    return [...this.#tables.get(table)!.named(name)];
  }
}
