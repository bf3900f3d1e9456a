import { type TypedValue, typedValue } from '../../../shared/messages/index.ts';
import { type MarshalledValue, scalarLayout } from '../check/index.ts';
import type { CType } from '../ctype/index.ts';
import type { SymbolTable } from '../facts/index.ts';
import { STRING_BYTES, STRING_LENGTH_OFFSET, STRING_TEXT_OFFSET } from '../ir/index.ts';
import { type Area, bytesValue, latin1, stringValue } from './bytes-value.ts';
import { scalarValue } from './scalar-value.ts';
import { spellType } from './spell-type.ts';

/** The value of a program that has none: void. */
export const VOID_VALUE: TypedValue = typedValue({ type: 'void', kind: 'void' });

/** A carried value as it travels: with its C type, and what makes it readable. `bytes` start with it. */
export function marshalledToTyped(
  value: Pick<MarshalledValue, 'type' | 'form' | 'fromCall'>,
  bytes: Uint8Array,
  symbols: SymbolTable,
): TypedValue {
  return valueAt(value, areaOf(bytes), 0, symbols);
}

/** Bytes with a view of them, which is made once for all values in them. */
export function areaOf(bytes: Uint8Array): Area {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** The same as {@link marshalledToTyped} for a value that starts at an offset of many. */
export function valueAt(
  { type, form, fromCall }: Pick<MarshalledValue, 'type' | 'form' | 'fromCall'>,
  area: Area,
  start: number,
  symbols: SymbolTable,
): TypedValue {
  switch (form) {
    case 'scalar':
      return scalarToTyped({ type, raw: u64(area, start), fromCall }, symbols);
    case 'string':
      return stringToTyped(type, area, start, symbols);
    case 'bytes':
      return typedValue({ type: spellType(type), ...bytesValue(type, area, start, symbols) });
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
function stringToTyped(type: CType, area: Area, start: number, symbols: SymbolTable): TypedValue {
  const pointer = scalarToTyped({ type, raw: u64(area, start), fromCall: false }, symbols);
  const length = BigInt.asIntN(64, u64(area, start + STRING_LENGTH_OFFSET));
  if (length <= 0n || length > BigInt(STRING_BYTES)) return pointer;
  const from = start + STRING_TEXT_OFFSET;
  let end = from;
  while (end < from + Number(length) && area.bytes[end]) end++;
  const { text: _, ...rest } = pointer;
  const string = stringValue(latin1(area.bytes, from, end), Number(length) === STRING_BYTES);
  return typedValue({ ...rest, ...string });
}

function u64({ view }: Area, offset: number): bigint {
  return view.getBigUint64(offset, true);
}
