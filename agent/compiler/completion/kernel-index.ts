import type { Completion } from '../../../shared/messages/index.ts';
import type { Btf } from '../btf/index.ts';
import { type BtfTypes, type CType, prototypeToC, typeToC } from '../ctype/index.ts';
import type { NamedSymbol, NamedSymbols } from '../named-symbols/index.ts';
import { type NameTable, NameTables } from './name-tables.ts';

/** So many names with a prefix are weighed; a shorter prefix has more, more than anyone reads. */
const WEIGHED_LIMIT = 4000;

/** What a kernel has by the beginning of a name. */
export class KernelIndex {
  readonly #types: BtfTypes;
  readonly #symbols: NamedSymbols;
  readonly #moduleTypes: (module: string) => BtfTypes | undefined;
  readonly #tables = new WeakMap<Btf, NameTables>();

  constructor(types: BtfTypes, symbols: NamedSymbols, moduleTypes: (module: string) => BtfTypes | undefined) {
    this.#types = types;
    this.#symbols = symbols;
    this.#moduleTypes = moduleTypes;
  }

  /** How many functions the types of the kernel itself know. */
  get functionCount(): number {
    return this.#own().count('function');
  }

  /** Names that are no type's: functions, variables, enumerators, each once, with what tells their detail. */
  *values(prefix: string): Generator<CompletionCandidate> {
    let weighed = 0;
    let last = '';
    for (const symbol of this.#symbols.withPrefix(prefix)) {
      if (symbol.name === last || symbol.name.includes('.') || symbol.kind === 'i') continue;
      last = symbol.name;
      yield this.#symbol(symbol);
      if (++weighed >= WEIGHED_LIMIT) break;
    }
    yield* this.#typed('enumerator', prefix, 'enumerator');
  }

  /** Typedefs with the prefix. */
  typedefs(prefix: string): Generator<CompletionCandidate> {
    return this.#typed('typedef', prefix, 'type');
  }

  /** Tags with the prefix. */
  tags(tag: 'struct' | 'union' | 'enum', prefix: string): Generator<CompletionCandidate> {
    return this.#typed(tag, prefix, 'type');
  }

  /** Prototypes of the function; of each spelling one. */
  prototypes(name: string, module: string | undefined): string[] {
    const types = module === undefined ? this.#types : this.#moduleTypes(module);
    if (!types) return [];
    const ids = this.#tablesOf(types.btf).named('function', name);
    return [...new Set(ids.map(id => prototypeToC(name, types.prototype(id))))];
  }

  #symbol({ name, kind, module }: NamedSymbol): CompletionCandidate {
    if (kind === 'f')
      return { label: name, kind: 'function', detail: () => this.prototypes(name, module)[0] ?? '' };
    return { label: name, kind: 'variable', detail: () => this.#variable(name, module) };
  }

  #variable(name: string, module: string | undefined): string {
    const types = module === undefined ? this.#types : this.#moduleTypes(module);
    const id = types && this.#tablesOf(types.btf).named('variable', name)[0];
    return id === undefined ? '' : typeToC(types!.type(types!.btf.target(id)));
  }

  *#typed(
    table: NameTable,
    prefix: string,
    kind: CompletionCandidate['kind'],
  ): Generator<CompletionCandidate> {
    let [weighed, last] = [0, ''];
    for (const { name, id } of this.#own().withPrefix(table, prefix)) {
      if (name === last) continue;
      last = name;
      yield { label: name, kind, detail: () => this.#describe(table, name, id) };
      if (++weighed >= WEIGHED_LIMIT) return;
    }
  }

  #describe(table: NameTable, name: string, id: number): string {
    if (table === 'enumerator') {
      const value = this.#types.btf.enumerators(id).find(each => each.name === name)?.value ?? 0n;
      return `${value} in ${typeToC(this.#types.type(id))}`;
    }
    const type = this.#types.type(id);
    if (type.kind === 'typedef') return typeToC(type.to);
    return describeSize(type);
  }

  #own(): NameTables {
    return this.#tablesOf(this.#types.btf);
  }

  #tablesOf(btf: Btf): NameTables {
    const known = this.#tables.get(btf);
    if (known) return known;
    const made = new NameTables(btf);
    this.#tables.set(btf, made);
    return made;
  }
}

/** Something that may be meant; its detail is made for those that are shown. */
export interface CompletionCandidate extends Pick<Completion, 'label' | 'kind'> {
  readonly detail: () => string;
}

function describeSize(type: CType): string {
  const size = 'sizeBytes' in type && type.sizeBytes !== undefined ? `, ${type.sizeBytes} bytes` : '';
  return `${typeToC(type)}${size}`;
}
