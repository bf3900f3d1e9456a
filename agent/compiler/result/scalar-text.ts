import { errnoName, MAX_ERRNO } from '../../../shared/errno/index.ts';
import { scalarLayout } from '../check/index.ts';
import { bare, type CType, type EnumType } from '../ctype/index.ts';
import type { SymbolTable } from '../facts/index.ts';

/** A scalar, and what is known of it. */
export interface ScalarValue {
  readonly type: CType;
  readonly value: bigint;
  /** Whether a kernel function returned it: only then does -22 mean -EINVAL. */
  readonly mayBeErrno: boolean;
}

/** A scalar made readable. */
export interface ScalarText {
  /** As C would write it, without its type: `17`, `BLUE /* 2 *\/`, `0xffffffff82000000 /* init_task *\/`. */
  readonly plain: string;
  readonly symbol?: string;
  readonly errnoName?: string;
  readonly enumerator?: string;
}

/** Says what a scalar is: enumerators by name, pointers by symbol, negative errno by theirs. */
export function describeScalar({ type, value, mayBeErrno }: ScalarValue, symbols: SymbolTable): ScalarText {
  const plain = bare(type);
  const layout = scalarLayout(type);
  if (plain.kind === 'pointer') return describePointer(value, symbols);
  if (plain.kind === 'enum') return describeEnum(plain, value);
  if (layout?.isBool) return { plain: value === 0n ? 'false' : 'true' };
  const errno = mayBeErrno && (layout?.sizeBytes ?? 0) >= 4 ? errnoOf(value) : undefined;
  return errno ? { plain: `${value} /* ${errno} */`, errnoName: errno } : { plain: String(value) };
}

function describeEnum({ enumerators }: EnumType, value: bigint): ScalarText {
  const enumerator = enumerators().find(each => each.value === value)?.name;
  return enumerator === undefined
    ? { plain: String(value) }
    : { plain: `${enumerator} /* ${value} */`, enumerator };
}

/** Pointers of the last page are errors (IS_ERR, include/linux/err.h, v6.12); others may point into a symbol. */
function describePointer(value: bigint, symbols: SymbolTable): ScalarText {
  const signed = BigInt.asIntN(64, value);
  const errno = errnoOf(signed);
  if (errno) return { plain: `ERR_PTR(${signed}) /* ${errno} */`, errnoName: errno };
  const hex = `0x${value.toString(16)}`;
  const near = value === 0n ? undefined : symbols.containing(value);
  if (!near) return { plain: hex };
  const symbol = near.offset === 0n ? near.symbol.name : `${near.symbol.name}+0x${near.offset.toString(16)}`;
  return { plain: `${hex} /* ${symbol} */`, symbol };
}

/** `-EINVAL` for -22. */
function errnoOf(value: bigint): string | undefined {
  if (value >= 0n || value < -MAX_ERRNO) return undefined;
  const name = errnoName(Number(-value));
  return name === undefined ? undefined : `-${name}`;
}
