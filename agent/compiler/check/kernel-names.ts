import type { Btf, TypeId } from '../btf/index.ts';
import { BTF_KIND } from '../btf/index.ts';
import { BASIC, BtfTypes, type CType } from '../ctype/index.ts';
import type { SymbolTable } from '../facts/index.ts';

/** What a kernel has, by name: the ground on which programs are checked. */
export class KernelNames {
  readonly types: BtfTypes;
  readonly symbols: SymbolTable;

  constructor(btf: Btf, symbols: SymbolTable) {
    this.types = new BtfTypes(btf);
    this.symbols = symbols;
  }

  /** Whether `name` is a typedef of this kernel. */
  isTypedef = (name: string): boolean => this.#find(name, BTF_KIND.TYPEDEF) !== undefined;

  /** The typedef `name`. */
  typedef(name: string): CType | undefined {
    return this.#type(this.#find(name, BTF_KIND.TYPEDEF));
  }

  /** `struct name`, `union name` or `enum name`; a full definition before one that only names it. */
  tagged(tag: 'struct' | 'union' | 'enum', name: string): CType | undefined {
    if (tag === 'enum')
      return this.#type(this.#find(name, BTF_KIND.ENUM) ?? this.#find(name, BTF_KIND.ENUM64));
    const full = this.#find(name, tag === 'struct' ? BTF_KIND.STRUCT : BTF_KIND.UNION);
    return this.#type(full ?? this.#find(name, BTF_KIND.FWD));
  }

  /** Whether BTF has a function `name`. */
  hasPrototype(name: string): boolean {
    return this.#find(name, BTF_KIND.FUNC) !== undefined;
  }

  /** The enumerator `name`, with the type that C gives it: `int` where that can hold it. */
  enumerator(name: string): { readonly type: CType; readonly value: bigint } | undefined {
    const found = this.types.btf.findEnumerator(name);
    if (!found) return undefined;
    return { type: enumeratorType(found.value), value: found.value };
  }

  #find(name: string, kind: (typeof BTF_KIND)[keyof typeof BTF_KIND]): TypeId | undefined {
    return this.types.btf.find(name, kind)[0];
  }

  #type(id: TypeId | undefined): CType | undefined {
    return id === undefined ? undefined : this.types.type(id);
  }
}

function enumeratorType(value: bigint): CType {
  if (value === BigInt.asIntN(32, value)) return BASIC.int;
  if (value === BigInt.asUintN(32, value)) return BASIC.uint;
  return value < 0n ? BASIC.long : BASIC.ulong;
}
