import { BTF_KIND, type BtfKind } from '../../../../agent/compiler/btf/index.ts';
import { ByteWriter } from '../../../../agent/compiler/bytes/index.ts';

interface Member {
  readonly name: string;
  readonly type: number;
  readonly bitOffset: number;
  readonly bitWidth?: number;
}

interface RawType {
  readonly name?: string;
  readonly kind: number;
  readonly vlen?: number;
  readonly sizeOrType?: number;
  readonly flag?: boolean;
  readonly words?: readonly number[];
}

/** Writes small BTF blobs for tests, in the layout of Documentation/bpf/btf.rst. */
export class BtfBuilder {
  readonly #types = new ByteWriter();
  readonly #offsets = new Map<string, number>();
  readonly #stringsBase: number;
  #strings = '\0';
  #count: number;

  /** For split BTF, give the number of ids and the size of the strings of the base. */
  constructor(base = { ids: 1, stringBytes: 0 }) {
    this.#count = base.ids;
    this.#stringsBase = base.stringBytes;
    if (base.stringBytes > 0) this.#strings = '';
  }

  get ids(): number {
    return this.#count;
  }

  get stringBytes(): number {
    return this.#strings.length;
  }

  int(name: string, sizeBytes: number, signed = true, isBool = false): number {
    const id = this.#type(name, BTF_KIND.INT, 0, sizeBytes);
    this.#types.u32(((signed ? 1 : 0) << 24) | ((isBool ? 4 : 0) << 24) | (sizeBytes * 8));
    return id;
  }

  ref(kind: BtfKind, to: number, name = ''): number {
    return this.#type(name, kind, 0, to);
  }

  array(element: number, count: number): number {
    const id = this.#type('', BTF_KIND.ARRAY, 0, 0);
    for (const word of [element, 1, count]) this.#types.u32(word);
    return id;
  }

  struct(
    name: string,
    sizeBytes: number,
    members: readonly Member[],
    kind: BtfKind = BTF_KIND.STRUCT,
  ): number {
    const flagged = members.some(each => each.bitWidth);
    const id = this.#type(name, kind, members.length, sizeBytes, flagged);
    for (const { name, type, bitOffset, bitWidth = 0 } of members) {
      this.#types.u32(this.#string(name));
      this.#types.u32(type);
      this.#types.u32(flagged ? bitWidth * 2 ** 24 + bitOffset : bitOffset);
    }
    return id;
  }

  enumeration(name: string, values: Readonly<Record<string, number>>, signed = false): number {
    const id = this.#type(name, BTF_KIND.ENUM, Object.keys(values).length, 4, signed);
    for (const [name, value] of Object.entries(values)) {
      this.#types.u32(this.#string(name));
      this.#types.u32(value >>> 0);
    }
    return id;
  }

  enum64(name: string, values: Readonly<Record<string, bigint>>, signed = false): number {
    const id = this.#type(name, BTF_KIND.ENUM64, Object.keys(values).length, 8, signed);
    for (const [name, value] of Object.entries(values)) {
      this.#types.u32(this.#string(name));
      this.#types.u32(Number(BigInt.asUintN(32, value)));
      this.#types.u32(Number(BigInt.asUintN(32, value >> 32n)));
    }
    return id;
  }

  /** A FUNC with its prototype; `params` by name, `'...'` for a variadic one. */
  func(name: string, result: number, params: Readonly<Record<string, number>> = {}): number {
    const entries = Object.entries(params);
    const proto = this.#type('', BTF_KIND.FUNC_PROTO, entries.length, result);
    for (const [param, type] of entries) {
      this.#types.u32(param === '...' ? 0 : this.#string(param));
      this.#types.u32(param === '...' ? 0 : type);
    }
    return this.#type(name, BTF_KIND.FUNC, 0, proto);
  }

  /** A type as its words say, for kinds without a method and for wrong ones. */
  raw({ name = '', kind, vlen = 0, sizeOrType = 0, flag = false, words = [] }: RawType): number {
    const id = this.#type(name, kind, vlen, sizeOrType, flag);
    for (const word of words) this.#types.u32(word);
    return id;
  }

  build(): Uint8Array {
    const types = this.#types.finish();
    const strings = Buffer.from(this.#strings, 'latin1');
    const blob = new ByteWriter();
    blob.u16(0xeb9f);
    blob.u8(1, 0);
    for (const word of [24, 0, types.length, types.length, strings.length]) blob.u32(word);
    blob.bytes(types);
    blob.bytes(strings);
    return blob.finish();
  }

  #type(name: string, kind: number, vlen: number, sizeOrType: number, flag = false): number {
    this.#types.u32(name === '' ? 0 : this.#string(name));
    this.#types.u32((flag ? 2 ** 31 : 0) + kind * 2 ** 24 + vlen);
    this.#types.u32(sizeOrType);
    return this.#count++;
  }

  #string(name: string): number {
    if (name === '') return 0;
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.#stringsBase + this.#strings.length;
    this.#offsets.set(name, offset);
    this.#strings += `${name}\0`;
    return offset;
  }
}
