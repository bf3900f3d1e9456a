import { errnoName, MAX_ERRNO } from '../../../shared/errno/index.ts';
import type { TypedValue } from '../../../shared/messages/index.ts';
import { scalarLayout } from '../check/index.ts';
import { bare, type CType, type EnumType, typeToC } from '../ctype/index.ts';
import type { SymbolTable } from '../facts/index.ts';

/** A raw result, and what is known of it. */
export interface RawValue {
  readonly type: CType;
  /** Undefined for void. */
  readonly raw: bigint | undefined;
  /** Whether a kernel function returned it: only then does -22 mean -EINVAL. */
  readonly fromCall: boolean;
}

/** A result as it travels: the raw value with its C type, and what makes it readable. */
export function valueToTyped({ type, raw, fromCall }: RawValue, symbols: SymbolTable): TypedValue {
  const spelled = typeToC(type);
  const plain = bare(type);
  if (plain.kind === 'void' || raw === undefined) return { type: spelled, text: '(void)', kind: 'void' };
  const layout = scalarLayout(type)!;
  const value = layout.signed
    ? BigInt.asIntN(layout.sizeBytes * 8, raw)
    : BigInt.asUintN(layout.sizeBytes * 8, raw);
  switch (plain.kind) {
    case 'pointer':
      return pointerValue(spelled, value, symbols);
    case 'enum':
      return enumValue(spelled, plain, value);
    default:
      return layout.isBool
        ? boolValue(spelled, value)
        : integerValue(spelled, value, fromCall && layout.sizeBytes >= 4);
  }
}

function boolValue(type: string, value: bigint): TypedValue {
  return { type, text: `(${type})${value === 1n}`, kind: 'bool', integer: String(value) };
}

function integerValue(type: string, value: bigint, mayBeErrno: boolean): TypedValue {
  const errno = mayBeErrno ? errnoOf(value) : undefined;
  const shared = { type, kind: 'int', integer: String(value) } as const;
  if (!errno) return { ...shared, text: `(${type})${value}` };
  return { ...shared, text: `(${type})${value} /* ${errno} */`, errnoName: errno };
}

function enumValue(type: string, { btf, id }: EnumType, value: bigint): TypedValue {
  const enumerator = btf.enumerators(id).find(each => each.value === value)?.name;
  const shared = { type, kind: 'enum', integer: String(value) } as const;
  if (enumerator === undefined) return { ...shared, text: `(${type})${value}` };
  return { ...shared, text: `(${type})${enumerator} /* ${value} */`, enumerator };
}

/** Pointers of the last page are errors (IS_ERR, include/linux/err.h, v6.12); others may point into a symbol. */
function pointerValue(type: string, value: bigint, symbols: SymbolTable): TypedValue {
  const shared = { type, kind: 'pointer', integer: String(value) } as const;
  const errno = errnoOf(BigInt.asIntN(64, value));
  if (errno)
    return {
      ...shared,
      text: `(${type})ERR_PTR(${BigInt.asIntN(64, value)}) /* ${errno} */`,
      errnoName: errno,
    };
  const text = `(${type})0x${value.toString(16)}`;
  const near = value === 0n ? undefined : symbols.containing(value);
  if (!near) return { ...shared, text };
  const symbol = near.offset === 0n ? near.symbol.name : `${near.symbol.name}+0x${near.offset.toString(16)}`;
  return { ...shared, text: `${text} /* ${symbol} */`, symbol };
}

/** `-EINVAL` for -22. */
function errnoOf(value: bigint): string | undefined {
  if (value >= 0n || value < -MAX_ERRNO) return undefined;
  const name = errnoName(Number(-value));
  return name === undefined ? undefined : `-${name}`;
}
