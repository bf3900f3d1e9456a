import { type TypedValue, typedValue } from '../../../shared/messages/index.ts';
import { type MarshalledValue, scalarLayout } from '../check/index.ts';
import { type CType, sizeOf } from '../ctype/index.ts';
import type { SymbolTable } from '../facts/index.ts';
import { STRING_BYTES, STRING_LENGTH_OFFSET, STRING_TEXT_OFFSET } from '../ir/index.ts';
import { bytesValue, stringValue } from './bytes-value.ts';
import { scalarValue } from './scalar-value.ts';
import { spellType } from './spell-type.ts';

/** The value of a program that has none: void. */
export const VOID_VALUE: TypedValue = typedValue({ type: 'void', kind: 'void' });

/** A carried value as it travels: with its C type, and what makes it readable. `bytes` start with it. */
export function marshalledToTyped(
  { type, form, fromCall }: Pick<MarshalledValue, 'type' | 'form' | 'fromCall'>,
  bytes: Uint8Array,
  symbols: SymbolTable,
): TypedValue {
  switch (form) {
    case 'scalar':
      return scalarToTyped({ type, raw: u64(bytes, 0), fromCall }, symbols);
    case 'string':
      return stringToTyped(type, bytes, symbols);
    case 'bytes': {
      const own = bytes.subarray(0, sizeOf(type) ?? 0);
      return typedValue({ type: spellType(type), ...bytesValue(type, own, symbols) });
    }
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
  return typedValue({
    type: spellType(type),
    ...scalarValue({ type, value, mayBeErrno: fromCall }, symbols),
  });
}

/** A `char *` with what it points to, where that could be read. */
function stringToTyped(type: CType, bytes: Uint8Array, symbols: SymbolTable): TypedValue {
  const pointer = scalarToTyped({ type, raw: u64(bytes, 0), fromCall: false }, symbols);
  const length = BigInt.asIntN(64, u64(bytes, STRING_LENGTH_OFFSET));
  if (length <= 0n || length > BigInt(STRING_BYTES)) return pointer;
  const raw = bytes.subarray(STRING_TEXT_OFFSET, STRING_TEXT_OFFSET + Number(length));
  const end = raw.indexOf(0);
  const text = Buffer.from(end < 0 ? raw : raw.subarray(0, end)).toString('latin1');
  const { text: _, ...rest } = pointer;
  return typedValue({ ...rest, ...stringValue(text, Number(length) === STRING_BYTES) });
}

function u64(bytes: Uint8Array, offset: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(offset, true);
}
