import type { Statement } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { constantOf } from '../expressions/index.ts';
import type { TypedStatement } from '../tree/index.ts';

/** `_Static_assert` (C11 6.7.10). Throws PROGRAM_TYPE where it does not hold on this kernel. */
export function checkStaticAssert(
  context: CheckContext,
  { condition, message, at }: Extract<Statement, { kind: 'static-assert' }>,
): TypedStatement {
  if (constantOf(context, condition, 'the condition of _Static_assert') === 0n) {
    // `_Static_assert(0, "…")` asks nothing of the kernel: the text says what is wrong, as of an #error.
    const isPlain = condition.kind === 'integer' && message !== undefined;
    const fails = 'this _Static_assert fails on this kernel';
    const text = message === undefined ? fails : `${fails}: ${message}`;
    throw context.diagnostics.typeError(at, isPlain ? message : text);
  }
  return { kind: 'block', statements: [] };
}
