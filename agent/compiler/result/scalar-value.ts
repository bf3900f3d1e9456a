import { errnoName, MAX_ERRNO } from '../../../shared/errno/index.ts';
import type { ValueNode } from '../../../shared/messages/index.ts';
import { scalarLayout } from '../check/index.ts';
import { bare, type CType, type EnumType } from '../ctype/index.ts';
import { bestSymbolAt, type SymbolTable } from '../facts/index.ts';

/** A scalar, and what is known of it. */
export interface ScalarInput {
  readonly type: CType;
  readonly value: bigint;
  /** Whether a kernel function returned it: only then does -22 mean -EINVAL. */
  readonly mayBeErrno: boolean;
}

/** What a scalar is, without its type: enumerators by name, pointers by symbol, negative errno by theirs. */
export function scalarValue({ type, value, mayBeErrno }: ScalarInput, symbols: SymbolTable): ValueNode {
  const plain = bare(type);
  const layout = scalarLayout(type);
  if (plain.kind === 'pointer') return pointerValue(value, symbols);
  if (plain.kind === 'enum') return enumValue(plain, value);
  const integer = String(value);
  if (layout?.isBool) return { kind: 'bool', integer };
  const signed = plain.kind === 'int' && plain.signed;
  const errno = mayBeErrno && (layout?.sizeBytes ?? 0) >= 4 ? errnoOf(value) : undefined;
  return { kind: 'int', integer, signed, ...(errno && { errnoName: errno }) };
}

function enumValue({ enumerators, signed }: EnumType, value: bigint): ValueNode {
  const enumerator = enumerators().find(each => each.value === value)?.name;
  return { kind: 'enum', integer: String(value), signed, ...(enumerator !== undefined && { enumerator }) };
}

/**
 * Pointers of the last page are errors (IS_ERR, include/linux/err.h, v6.12); others may point into a symbol.
 */
function pointerValue(value: bigint, symbols: SymbolTable): ValueNode {
  const address = `0x${value.toString(16)}`;
  const errno = errnoOf(BigInt.asIntN(64, value));
  if (errno) return { kind: 'pointer', address, errnoName: errno };
  const near = value === 0n ? undefined : bestSymbolAt(symbols, value);
  if (!near) return { kind: 'pointer', address };
  const symbol = near.offset === 0n ? near.symbol.name : `${near.symbol.name}+0x${near.offset.toString(16)}`;
  return { kind: 'pointer', address, symbol };
}

/** `-EINVAL` for -22. */
function errnoOf(value: bigint): string | undefined {
  if (value >= 0n || value < -MAX_ERRNO) return undefined;
  const name = errnoName(Number(-value));
  return name === undefined ? undefined : `-${name}`;
}
