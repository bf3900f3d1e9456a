import { bare } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { CheckContext } from '../context/index.ts';
import { keepsPointers } from '../names/index.ts';
import type { Lvalue, TypedExpression } from '../tree/index.ts';

/** How messages end: what to use instead. */
const INSTEAD =
  'that memory is gone when the program has ended; use memory of the kernel, such as kzalloc() gives';

/**
 * What of the program's own memory a value is the address of, for messages; undefined where it is of none, or
 * where only running would tell.
 */
export function ownMemoryOf(value: TypedExpression): string | undefined {
  switch (value.kind) {
    case 'string':
      return 'a string literal of the program';
    case 'reference':
      if (value.lvalue.kind === 'memory') return ownMemoryOf(value.lvalue.address);
      return value.lvalue.start ? 'a compound literal' : `the program's own '${value.lvalue.variable.name}'`;
    case 'convert':
      return ownMemoryOf(value.operand);
    case 'parameter':
      return ownMemoryOf(value.value) && 'a parameter';
    case 'sequence':
      return ownMemoryOf(value.second);
    case 'conditional':
      return ownMemoryOf(value.then) ?? ownMemoryOf(value.otherwise);
    case 'arithmetic':
      return ownMemoryOf(value.left);
    default:
      return undefined;
  }
}

function isText(value: TypedExpression): boolean {
  if (value.kind === 'parameter') return isText(value.value);
  return value.kind === 'convert' ? isText(value.operand) : value.kind === 'string';
}

/** A call by name whose arguments are checked, and where each stands. */
export interface NamedCall {
  readonly name: string;
  readonly args: readonly TypedExpression[];
  readonly offsets: readonly Offset[];
}

/**
 * Throws PROGRAM_TYPE where a function that keeps its pointers is given one to memory of the program.
 *
 * Threat: the kernel follows the pointer later and finds other bytes there, and the host dies.
 */
export function refuseKeptArguments(context: CheckContext, { name, args, offsets }: NamedCall): void {
  const kind = keepsPointers(name);
  if (!kind) return;
  const pointers = args.flatMap((value, index) =>
    bare(value.type).kind === 'pointer'
      ? [{ own: ownMemoryOf(value), isText: isText(value), at: offsets[index]! }]
      : [],
  );
  const kept = pointers.find(({ own, isText }) => own !== undefined && !(isText && kind.copiesTexts));
  if (!kept || (kind.amongOwn && pointers.every(({ own }) => own !== undefined))) return;
  throw context.diagnostics.typeError(kept.at, `'${name}' ${kind.reason}: ${kept.own}. But ${INSTEAD}`);
}

/**
 * Throws PROGRAM_TYPE where a program would store the address of its own memory in memory that may be the
 * kernel's. The threat is that of {@link refuseKeptArguments}.
 */
export function refuseKeptValue(
  context: CheckContext,
  lvalue: Lvalue,
  value: TypedExpression,
  at: Offset,
): void {
  if (lvalue.kind === 'local' || ownMemoryOf(lvalue.address) !== undefined) return;
  const own = bare(value.type).kind === 'pointer' ? ownMemoryOf(value) : undefined;
  if (own === undefined) return;
  throw context.diagnostics.typeError(at, `the kernel would keep a pointer to ${own}. But ${INSTEAD}`);
}
