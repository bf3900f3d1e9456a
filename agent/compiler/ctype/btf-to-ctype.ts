import { FarcallError } from '../../../shared/errors/index.ts';
import { BTF_KIND, type Btf, type TypeId } from '../btf/index.ts';
import { BASIC, type CType, type FunctionType, type IntType } from './ctype.ts';
import { innerTypes } from './inner-types.ts';
import type { Member } from './members.ts';

/**
 * Deeper chains of typedefs, pointers and arrays are no kernel's; malformed BTF may even point in circles.
 */
const DEPTH_LIMIT = 64;

/** More types than this are in no kernel's prototype; a malformed one may double with each level. */
const PARTS_LIMIT = 4096;

/** How far a type reaches: its levels, and how many types its spelling names. */
interface Extent {
  readonly depth: number;
  readonly parts: number;
}

const LEAF: Extent = { depth: 1, parts: 1 };

/** DWARF, and BTF after it, spells integer types in full; people do not. */
const USUAL_NAMES: ReadonlyMap<string, string> = new Map([
  ['short int', 'short'],
  ['short unsigned int', 'unsigned short'],
  ['long int', 'long'],
  ['long unsigned int', 'unsigned long'],
  ['long long int', 'long long'],
  ['long long unsigned int', 'unsigned long long'],
]);

function usualName(name: string): string {
  return USUAL_NAMES.get(name) ?? name;
}

/** Turns types of one BTF into C types, each when it is asked for, and keeps what it made. */
export class BtfTypes {
  readonly btf: Btf;
  /** Plain `char`, with the sign that this kernel was built with. */
  readonly char: IntType;
  readonly #made = new Map<TypeId, CType>();
  readonly #extents = new Map<CType, Extent>();

  /**
   * `charIsSigned` is what the CPU's ABI says of plain `char`; it counts only where the BTF does not tell.
   */
  constructor(btf: Btf, { charIsSigned = true } = {}) {
    this.btf = btf;
    const signed = plainCharIsSigned(btf) ?? charIsSigned;
    this.char = { kind: 'int', name: 'char', sizeBytes: 1, signed, isBool: false };
  }

  /**
   * The C type with number `id`. Throws BTF_INVALID where the number is none or the types point in circles.
   */
  type(id: TypeId): CType {
    return this.#type(id, 0);
  }

  /** The prototype of the FUNC `id`. */
  prototype(id: TypeId): FunctionType {
    const type = this.type(this.btf.target(id));
    if (type.kind !== 'function')
      throw new FarcallError('BTF_INVALID', `BTF: function ${id} has no prototype`);
    return type;
  }

  #type(id: TypeId, depth: number): CType {
    const made = this.#made.get(id);
    if (made) return made;
    if (depth >= DEPTH_LIMIT) throw tooDeep(id);
    const type = this.#make(id, depth + 1);
    this.#measure(id, type);
    this.#made.set(id, type);
    return type;
  }

  /**
   * Parts that were made earlier did not count for `depth`: without this, the answer would depend on the
   * order.
   */
  #measure(id: TypeId, type: CType): void {
    let [depth, parts] = [0, 1];
    for (const inner of innerTypes(type)) {
      const extent = this.#extents.get(inner) ?? LEAF;
      depth = Math.max(depth, extent.depth);
      parts += extent.parts;
    }
    if (depth >= DEPTH_LIMIT) throw tooDeep(id);
    if (parts > PARTS_LIMIT)
      throw new FarcallError('BTF_INVALID', `BTF: type ${id} is made of more than ${PARTS_LIMIT} types`);
    this.#extents.set(type, { depth: depth + 1, parts: type.kind === 'typedef' ? 1 : parts });
  }

  #make(id: TypeId, depth: number): CType {
    const { btf } = this;
    const kind = btf.kind(id);
    switch (kind) {
      case BTF_KIND.VOID:
        return BASIC.void;
      case BTF_KIND.INT:
        return this.#int(id);
      case BTF_KIND.PTR:
        return { kind: 'pointer', to: this.#type(btf.target(id), depth) };
      case BTF_KIND.ARRAY: {
        const { element, count } = btf.array(id);
        return { kind: 'array', of: this.#type(element, depth), count };
      }
      case BTF_KIND.STRUCT:
      case BTF_KIND.UNION:
        return {
          kind: kind === BTF_KIND.STRUCT ? 'struct' : 'union',
          name: btf.name(id),
          sizeBytes: btf.size(id),
          id,
          members: () => this.#members(id),
        };
      case BTF_KIND.FWD:
        return {
          kind: btf.kindFlag(id) ? 'union' : 'struct',
          name: btf.name(id),
          sizeBytes: undefined,
          id,
          members: () => [],
        };
      case BTF_KIND.ENUM:
      case BTF_KIND.ENUM64:
        return {
          kind: 'enum',
          name: btf.name(id),
          sizeBytes: this.#size(id, 8),
          signed: btf.kindFlag(id),
          id,
          enumerators: () => btf.enumerators(id),
        };
      case BTF_KIND.TYPEDEF:
        return { kind: 'typedef', name: btf.name(id), to: this.#type(btf.target(id), depth) };
      case BTF_KIND.CONST:
      case BTF_KIND.VOLATILE: {
        const qualifier = kind === BTF_KIND.CONST ? 'const' : 'volatile';
        return { kind: 'qualified', qualifier, of: this.#type(btf.target(id), depth) };
      }
      case BTF_KIND.RESTRICT:
      case BTF_KIND.TYPE_TAG:
        return this.#type(btf.target(id), depth);
      case BTF_KIND.FLOAT:
        return { kind: 'float', name: btf.name(id), sizeBytes: btf.size(id) };
      case BTF_KIND.FUNC_PROTO:
        return this.#prototype(id, depth);
      default:
        throw new FarcallError('BTF_INVALID', `BTF: expected a C type, got type ${id} (kind ${kind})`);
    }
  }

  #int(id: TypeId): IntType {
    const { signed, isBool } = this.btf.intEncoding(id);
    const name = usualName(this.btf.name(id));
    const sizeBytes = this.#size(id, 16);
    if (sizeBytes === 1 && name === 'char') return this.char;
    return {
      kind: 'int',
      name,
      sizeBytes,
      signed: signed || (sizeBytes === 1 && name === 'signed char'),
      isBool,
    };
  }

  #members(id: TypeId): Member[] {
    return this.btf.members(id).map(member => {
      if (member.bitWidth === 0 && member.bitOffset % 8 !== 0)
        throw new FarcallError('BTF_INVALID', `BTF: a member of type ${id} begins within a byte`);
      return { ...member, type: this.type(member.type) };
    });
  }

  /** Size of an integer: a power of two that some register or pair of registers has. */
  #size(id: TypeId, most: number): number {
    const size = this.btf.size(id);
    if (size >= 1 && size <= most && (size & (size - 1)) === 0) return size;
    throw new FarcallError('BTF_INVALID', `BTF: type ${id} is an integer of ${size} bytes`);
  }

  #prototype(id: TypeId, depth: number): FunctionType {
    const params = this.btf.params(id);
    const last = params.at(-1);
    const variadic = last !== undefined && last.type === 0 && last.name === '';
    return {
      kind: 'function',
      result: this.#type(this.btf.target(id), depth),
      params: (variadic ? params.slice(0, -1) : params).map(({ name, type }) => ({
        name,
        type: this.#type(type, depth),
      })),
      variadic,
    };
  }
}

/**
 * Whether plain `char` is signed, by its encoding: kernels since 6.2 are built with -funsigned-char. The BTF
 * of Debian's 5.10 has the sign on no type of one byte, `signed char` included, and then says nothing.
 */
function plainCharIsSigned(btf: Btf): boolean | undefined {
  const signs = (name: string): boolean[] =>
    btf.find(name, BTF_KIND.INT).map(id => btf.intEncoding(id).signed);
  const [plain] = signs('char');
  if (plain === undefined || plain) return plain;
  return signs('signed char')[0] === false ? undefined : false;
}

function tooDeep(id: TypeId): FarcallError {
  return new FarcallError('BTF_INVALID', `BTF: type ${id} is nested more than ${DEPTH_LIMIT} deep`);
}
