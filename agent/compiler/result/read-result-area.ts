import { FarcallError } from '../../../shared/errors/index.ts';
import type { TypedValue } from '../../../shared/messages/result.ts';
import { RESULT_HEADER_BYTES } from '../codegen/index.ts';
import { bare, type CType } from '../ctype/index.ts';
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
  readonly type: CType;
  readonly symbols: SymbolTable;
}

/**
 * Reads what a module copied out. Throws LOADER_FAILED where the area was never written: the init function ran, as
 * finit_module's answer says, but its copy found no page.
 */
export function readResultArea({ area, program, type, symbols }: ResultAreaInput): ProgramEnd {
  const valueBytes = bare(type).kind === 'void' ? 0 : 8;
  if (area.length < RESULT_HEADER_BYTES + valueBytes)
    throw new FarcallError('LOADER_FAILED', `the result area came back with ${area.length} bytes only`);
  const view = new DataView(area.buffer, area.byteOffset, area.byteLength);
  const end = view.getBigUint64(0, true);
  const place = Number(view.getBigUint64(8, true));
  switch (Number(end)) {
    case END.RETURNED: {
      const raw = valueBytes > 0 ? view.getBigUint64(RESULT_HEADER_BYTES, true) : undefined;
      return { kind: 'returned', value: valueToTyped(type, raw, symbols) };
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
