import { FarcallError } from '../../../shared/errors/index.ts';
import type { TypedValue } from '../../../shared/messages/index.ts';
import type { TypedExpression } from '../check/index.ts';
import { RESULT_HEADER_BYTES } from '../codegen/index.ts';
import { bare } from '../ctype/index.ts';
import type { SymbolTable } from '../facts/index.ts';
import { END } from '../ir/index.ts';
import { programError } from '../program/index.ts';
import { valueToTyped } from './value-to-typed.ts';

/** How the program ended, by its own account. */
export type ProgramEnd =
  | { readonly kind: 'returned'; readonly value: TypedValue }
  | { readonly kind: 'faulted'; readonly error: FarcallError };

/** What is needed to read a result area. */
export interface ResultAreaInput {
  readonly area: Uint8Array;
  readonly program: string;
  /** The expression whose value is the result. */
  readonly result: TypedExpression;
  readonly symbols: SymbolTable;
}

/**
 * Reads what a module copied out. Throws LOADER_FAILED where the area was never written: the init function ran, as
 * init_module's answer says, but its copy found no page.
 */
export function readResultArea({ area, program, result, symbols }: ResultAreaInput): ProgramEnd {
  const valueBytes = bare(result.type).kind === 'void' ? 0 : 8;
  if (area.length < RESULT_HEADER_BYTES + valueBytes)
    throw new FarcallError('LOADER_FAILED', `the result area came back with ${area.length} bytes only`);
  const view = new DataView(area.buffer, area.byteOffset, area.byteLength);
  const end = view.getBigUint64(0, true);
  const place = Number(view.getBigUint64(8, true));
  switch (Number(end)) {
    case END.RETURNED: {
      const raw = valueBytes > 0 ? view.getBigUint64(RESULT_HEADER_BYTES, true) : undefined;
      return {
        kind: 'returned',
        value: valueToTyped({ type: result.type, raw, fromCall: isFromCall(result) }, symbols),
      };
    }
    case END.DIVIDED_BY_ZERO:
      return { kind: 'faulted', error: programError('CALL_FAULTED', program, place, 'division by zero') };
    default:
      throw new FarcallError(
        'LOADER_FAILED',
        `the module left no result (its end is ${end}); it ran, but its value is lost`,
      );
  }
}

/** Whether the value is what a kernel function returned, unchanged but for its type. */
function isFromCall(expression: TypedExpression): boolean {
  switch (expression.kind) {
    case 'call':
      return true;
    case 'convert':
      return isFromCall(expression.operand);
    case 'sequence':
      return isFromCall(expression.second);
    case 'conditional':
      return isFromCall(expression.then) || isFromCall(expression.otherwise);
    default:
      return false;
  }
}
