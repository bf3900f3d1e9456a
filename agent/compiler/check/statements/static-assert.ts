import type { Statement } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { constantOf } from '../expressions/index.ts';
import type { TypedStatement } from '../tree/index.ts';

/** `_Static_assert` (C11 6.7.10). Throws PROGRAM_TYPE where it does not hold on this kernel. */
export function checkStaticAssert(
  context: CheckContext,
  { condition, message, at }: Extract<Statement, { kind: 'static-assert' }>,
): TypedStatement {
  if (constantOf(context, condition, 'the condition of _Static_assert') === 0n)
    throw context.diagnostics.typeError(
      at,
      `this _Static_assert fails on this kernel${message === undefined ? '' : `: ${message}`}`,
    );
  return { kind: 'block', statements: [] };
}
