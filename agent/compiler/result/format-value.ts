import { scalarLayout } from '../check/index.ts';
import {
  type ArrayType,
  bare,
  type CType,
  isInteger,
  type RecordType,
  recordMembers,
  sizeOf,
} from '../ctype/index.ts';
import type { SymbolTable } from '../facts/index.ts';
import { describeScalar } from './scalar-text.ts';

/** Longest text of one value; a large structure is cut there. */
const TEXT_LIMIT = 60_000;

/** Deeper nesting by value is no kernel's. */
const DEPTH_LIMIT = 32;

/**
 * The bytes of a structure, union or array as C would initialise it: `{ .a = 1, .name = "x" }`. Members of anonymous parts
 * stand beside the others, bit fields are taken out of their bits. Cut after {@link TEXT_LIMIT} characters.
 */
export function formatBytes(type: CType, bytes: Uint8Array, symbols: SymbolTable): string {
  return new Formatter(bytes, symbols).format(type);
}

/** The string in an array of char; undefined where no NUL ends it before the array does, or it is no text. */
export function textOfArray(type: CType, bytes: Uint8Array): string | undefined {
  const plain = bare(type);
  if (plain.kind !== 'array' || !isChar(plain.of)) return undefined;
  const end = bytes.indexOf(0);
  const text = bytes.subarray(0, end < 0 ? bytes.length : end);
  const rest = end < 0 ? [] : bytes.subarray(end);
  return rest.every(byte => byte === 0) || isText(text) ? Buffer.from(text).toString('latin1') : undefined;
}

function isText(bytes: Uint8Array): boolean {
  return bytes.every(byte => byte >= 32 || byte === 9 || byte === 10);
}

function isChar(type: CType): boolean {
  const plain = bare(type);
  return plain.kind === 'int' && plain.name === 'char';
}

/** A string as C writes it; only ASCII comes out, whatever the kernel's memory held. */
export function quote(text: string): string {
  const escaped = text.replace(/[^ -~]|["\\]/g, character => {
    const code = character.charCodeAt(0);
    if (character === '"' || character === '\\') return `\\${character}`;
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\${code.toString(8).padStart(3, '0')}`;
  });
  return `"${escaped}"`;
}

class Formatter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #symbols: SymbolTable;
  #text = '';

  constructor(bytes: Uint8Array, symbols: SymbolTable) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#symbols = symbols;
  }

  format(type: CType): string {
    this.#value(type, 0, 0);
    return this.#isFull ? `${this.#text.slice(0, TEXT_LIMIT)} ... /* cut */` : this.#text;
  }

  get #isFull(): boolean {
    return this.#text.length > TEXT_LIMIT;
  }

  #value(type: CType, bitOffset: number, bitWidth: number, depth = 0): void {
    const plain = bare(type);
    if (this.#isFull) return;
    if (depth > DEPTH_LIMIT) this.#text += '/* too deep */ {}';
    else if (plain.kind === 'struct' || plain.kind === 'union') this.#record(plain, bitOffset, depth);
    else if (plain.kind === 'array') this.#array(plain, bitOffset, depth);
    else this.#scalar(type, bitOffset, bitWidth);
  }

  #record(record: RecordType, bitOffset: number, depth: number): void {
    this.#text += '{';
    this.#members(record, bitOffset, depth, { first: true });
    this.#text += this.#text.endsWith('{') ? '}' : ' }';
  }

  #members(record: RecordType, bitOffset: number, depth: number, state: { first: boolean }): void {
    for (const member of recordMembers(record)) {
      const inner = bare(member.type);
      const at = bitOffset + member.bitOffset;
      if (member.name === '' && (inner.kind === 'struct' || inner.kind === 'union') && depth < DEPTH_LIMIT) {
        this.#members(inner, at, depth + 1, state);
        continue;
      }
      if (member.name === '') continue;
      if (this.#isFull) return;
      this.#text += `${state.first ? ' ' : ', '}.${member.name} = `;
      state.first = false;
      this.#value(member.type, at, member.bitWidth, depth + 1);
    }
  }

  #array(array: ArrayType, bitOffset: number, depth: number): void {
    const start = bitOffset / 8;
    const size = sizeOf(array) ?? 0;
    const text = textOfArray(array, this.#bytes.subarray(start, start + size));
    if (text !== undefined && size > 0) {
      this.#text += quote(text);
      return;
    }
    const elementBits = (sizeOf(array.of) ?? 0) * 8;
    this.#text += '{';
    for (let index = 0; index < array.count && !this.#isFull; index++) {
      this.#text += index === 0 ? ' ' : ', ';
      this.#value(array.of, bitOffset + index * elementBits, 0, depth + 1);
    }
    this.#text += array.count === 0 ? '}' : ' }';
  }

  #scalar(type: CType, bitOffset: number, bitWidth: number): void {
    const layout = scalarLayout(type);
    if (!layout) {
      this.#text += `{ /* ${isInteger(type) ? 'an integer' : 'a number'} of ${sizeOf(type) ?? 0} bytes */ }`;
      return;
    }
    const width = bitWidth || layout.sizeBytes * 8;
    const raw = this.#bits(bitOffset, width);
    const value = layout.signed ? BigInt.asIntN(width, raw) : raw;
    this.#text += describeScalar({ type, value, mayBeErrno: false }, this.#symbols).plain;
  }

  /** `width` bits, at most 64, from `bitOffset` on; what lies outside counts as zeros. */
  #bits(bitOffset: number, width: number): bigint {
    const first = Math.floor(bitOffset / 8);
    const last = Math.ceil((bitOffset + width) / 8);
    let value = 0n;
    for (let at = last - 1; at >= first; at--)
      value = (value << 8n) | BigInt(at < this.#bytes.length ? this.#view.getUint8(at) : 0);
    return BigInt.asUintN(width, value >> BigInt(bitOffset - first * 8));
  }
}
