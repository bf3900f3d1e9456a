import { ownBytes, VALUE_LIMITS, type ValueNode } from '../../../shared/messages/index.ts';
import { scalarLayout } from '../check/index.ts';
import {
  type ArrayType,
  bare,
  type CType,
  isInteger,
  type Member,
  type RecordType,
  recordMembers,
  sizeOf,
} from '../ctype/index.ts';
import type { SymbolTable } from '../facts/index.ts';
import { scalarValue } from './scalar-value.ts';
import { spellType } from './spell-type.ts';

/** The bytes that a program wrote, and a view of them. */
export interface Area {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Where a part of a value is in its bytes. */
interface Piece {
  readonly type: CType;
  readonly bitOffset: number;
  /** Width of a bit field; 0 where it is none. */
  readonly bitWidth: number;
  readonly depth: number;
}

/**
 * The bytes of a structure, union or array from `start` on, field by field, without its own type. Members of
 * anonymous parts stand beside the others, bit fields are taken out of their bits, arrays of char are
 * strings. What goes over {@link VALUE_LIMITS} is left out and marked.
 */
export function bytesValue(type: CType, { bytes }: Area, start: number, symbols: SymbolTable): ValueNode {
  const end = Math.min(bytes.length, start + (sizeOf(type) ?? 0));
  return new ValueReader(bytes, end, symbols).read({ type, bitOffset: start * 8, bitWidth: 0, depth: 0 });
}

class ValueReader {
  readonly #bytes: Uint8Array;
  /** Where the bytes of the value end. */
  readonly #end: number;
  readonly #symbols: SymbolTable;
  #nodes = 0;
  #spent = 0;

  constructor(bytes: Uint8Array, end: number, symbols: SymbolTable) {
    this.#bytes = bytes;
    this.#end = end;
    this.#symbols = symbols;
  }

  read(piece: Piece): ValueNode {
    const plain = bare(piece.type);
    this.#nodes++;
    if (plain.kind === 'struct' || plain.kind === 'union') return this.#record(plain, piece);
    if (plain.kind === 'array') return this.#array(plain, piece);
    return this.#scalar(piece);
  }

  get #isFull(): boolean {
    return this.#nodes >= VALUE_LIMITS.nodes || this.#spent >= VALUE_LIMITS.bytes;
  }

  #record(record: RecordType, piece: Piece): ValueNode {
    const members: ValueNode[] = [];
    const isWhole = this.#members(record, piece, members);
    return { kind: record.kind, members, ...(!isWhole && { truncated: true }) };
  }

  /** Whether all of them fit. */
  #members(record: RecordType, { bitOffset, depth }: Piece, members: ValueNode[]): boolean {
    for (const member of recordMembers(record)) {
      const inner = bare(member.type);
      const at: Piece = {
        type: member.type,
        bitOffset: bitOffset + member.bitOffset,
        bitWidth: member.bitWidth,
        depth: depth + 1,
      };
      if (member.name !== '') {
        if (this.#isFull || depth >= VALUE_LIMITS.depth) return false;
        members.push(this.#member(member, at));
      } else if (inner.kind === 'struct' || inner.kind === 'union') {
        if (depth >= VALUE_LIMITS.depth || !this.#members(inner, at, members)) return false;
      }
    }
    return true;
  }

  #member({ name, type }: Member, piece: Piece): ValueNode {
    const bits = piece.bitWidth > 0 ? { bits: piece.bitWidth } : {};
    const node = { name, type: spellType(type), ...this.read(piece), ...bits };
    this.#spent += ownBytes(node);
    return node;
  }

  #array(array: ArrayType, { bitOffset, depth }: Piece): ValueNode {
    const start = bitOffset / 8;
    const size = sizeOf(array) ?? 0;
    const text = textOfArray(array, this.#bytes, { start, end: Math.min(this.#end, start + size) });
    if (text !== undefined && size > 0) return stringValue(text);
    const elementBits = (sizeOf(array.of) ?? 0) * 8;
    const elements: ValueNode[] = [];
    while (elements.length < array.count && !this.#isFull && depth < VALUE_LIMITS.depth) {
      const at = bitOffset + elements.length * elementBits;
      const element = this.read({ type: array.of, bitOffset: at, bitWidth: 0, depth: depth + 1 });
      this.#spent += ownBytes(element);
      elements.push(element);
    }
    return { kind: 'array', elements, ...(elements.length < array.count && { truncated: true }) };
  }

  #scalar({ type, bitOffset, bitWidth }: Piece): ValueNode {
    const plain = bare(type);
    const width = bitWidth || (sizeOf(type) ?? 0) * 8;
    if (!isInteger(type) && !scalarLayout(type)) return { kind: 'other', bits: Math.max(width, 1) };
    const raw = this.#bits(bitOffset, width);
    const signed = (plain.kind === 'int' || plain.kind === 'enum') && plain.signed;
    const value = signed ? BigInt.asIntN(width, raw) : raw;
    return scalarValue({ type, value, mayBeErrno: false }, this.#symbols);
  }

  /** `width` bits, at most 128, from `bitOffset` on; what lies outside counts as zeros. */
  #bits(bitOffset: number, width: number): bigint {
    const first = Math.floor(bitOffset / 8);
    const last = Math.ceil((bitOffset + width) / 8);
    let value = 0n;
    for (let at = last - 1; at >= first; at--)
      value = (value << 8n) | BigInt(at < this.#end ? this.#bytes[at]! : 0);
    return BigInt.asUintN(width, value >> BigInt(bitOffset - first * 8));
  }
}

/** A string, of which a message takes so much. */
export function stringValue(text: string, isCut = false): ValueNode {
  const string = text.slice(0, VALUE_LIMITS.stringChars);
  return { kind: 'string', string, ...((isCut || string !== text) && { truncated: true }) };
}

/** The string in an array of char; undefined where no NUL ends it before the array does, or it is no text. */
function textOfArray(
  { of }: ArrayType,
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
): string | undefined {
  const element = bare(of);
  if (element.kind !== 'int' || element.name !== 'char') return undefined;
  let nul = start;
  let isText = true;
  for (; nul < end && bytes[nul] !== 0; nul++) isText &&= isTextByte(bytes[nul]!);
  let rest = nul;
  if (!isText) while (rest < end && bytes[rest] === 0) rest++;
  return isText || rest === end ? latin1(bytes, start, nul) : undefined;
}

function isTextByte(byte: number): boolean {
  return byte >= 32 || byte === 9 || byte === 10;
}

/** Each byte as the character with its number. Most texts are names, which need no Buffer. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT) return Buffer.from(bytes.subarray(start, end)).toString('latin1');
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}

const SHORT = 64;
