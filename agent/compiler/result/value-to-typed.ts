import type { TypedValue } from '../../../shared/messages/index.ts';
import { type Carried, scalarLayout } from '../check/index.ts';
import { bare, type CType, sizeOf, typeToC } from '../ctype/index.ts';
import type { SymbolTable } from '../facts/index.ts';
import { STRING_BYTES, STRING_LENGTH_OFFSET, STRING_TEXT_OFFSET } from '../ir/index.ts';
import { formatBytes, quote, textOfArray } from './format-value.ts';
import { describeScalar } from './scalar-text.ts';

/** Types are spelled out in results up to this length. */
const TYPE_LIMIT = 1000;

/** What a program without a value gives. */
export const VOID_VALUE: TypedValue = { type: 'void', text: '(void)', kind: 'void' };

/** A carried value as it travels: with its C type, and what makes it readable. `bytes` start with it. */
export function carriedToTyped(
  { type, form, fromCall }: Pick<Carried, 'type' | 'form' | 'fromCall'>,
  bytes: Uint8Array,
  symbols: SymbolTable,
): TypedValue {
  switch (form) {
    case 'scalar':
      return scalarToTyped({ type, raw: u64(bytes, 0), fromCall }, symbols);
    case 'string':
      return stringToTyped(type, bytes, symbols);
    case 'bytes':
      return bytesToTyped(type, bytes.subarray(0, sizeOf(type) ?? 0), symbols);
  }
}

/** A scalar in the 64 bits that it came in. */
export interface RawScalar {
  readonly type: CType;
  readonly raw: bigint;
  /** Whether a kernel function returned it: only then does -22 mean -EINVAL. */
  readonly fromCall: boolean;
}

/** A scalar as it travels. */
export function scalarToTyped({ type, raw, fromCall }: RawScalar, symbols: SymbolTable): TypedValue {
  const layout = scalarLayout(type)!;
  const bits = layout.sizeBytes * 8;
  const value = layout.signed ? BigInt.asIntN(bits, raw) : BigInt.asUintN(bits, raw);
  const { plain, ...rest } = describeScalar({ type, value, mayBeErrno: fromCall }, symbols);
  const spelled = spell(type);
  return { type: spelled, text: `(${spelled})${plain}`, kind: kindOf(type), integer: String(value), ...rest };
}

function kindOf(type: CType): TypedValue['kind'] {
  const { kind } = bare(type);
  if (kind === 'pointer' || kind === 'enum') return kind;
  return scalarLayout(type)?.isBool ? 'bool' : 'int';
}

/** A `char *` with what it points to, where that could be read. */
function stringToTyped(type: CType, bytes: Uint8Array, symbols: SymbolTable): TypedValue {
  const pointer = scalarToTyped({ type, raw: u64(bytes, 0), fromCall: false }, symbols);
  const length = BigInt.asIntN(64, u64(bytes, STRING_LENGTH_OFFSET));
  if (length <= 0n || length > BigInt(STRING_BYTES)) return pointer;
  const raw = bytes.subarray(STRING_TEXT_OFFSET, STRING_TEXT_OFFSET + Number(length));
  const end = raw.indexOf(0);
  const string = Buffer.from(end < 0 ? raw : raw.subarray(0, end)).toString('latin1');
  const cut = Number(length) === STRING_BYTES ? '...' : '';
  return {
    ...pointer,
    kind: 'string',
    text: `(${pointer.type})${quote(string)}${cut}`,
    string: ascii(string),
  };
}

function bytesToTyped(type: CType, bytes: Uint8Array, symbols: SymbolTable): TypedValue {
  const spelled = spell(type);
  const string = textOfArray(type, bytes);
  if (string !== undefined)
    return { type: spelled, text: quote(string), kind: 'string', string: ascii(string) };
  const kind = bare(type).kind === 'array' ? 'array' : 'struct';
  return { type: spelled, text: `(${spelled})${formatBytes(type, bytes, symbols)}`, kind };
}

/** What the kernel's memory holds may be anything; terminals and logs get printable ASCII. */
function ascii(text: string): string {
  return text.replace(/[^ -~\n\t]/g, '?');
}

function spell(type: CType): string {
  const spelled = typeToC(type);
  return spelled.length > TYPE_LIMIT ? `${spelled.slice(0, TYPE_LIMIT)}...` : spelled;
}

function u64(bytes: Uint8Array, offset: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(offset, true);
}
