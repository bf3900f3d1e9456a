import type { CheckedProgram } from '../check/index.ts';
import { carriedBytes, roundUp } from './carried-layout.ts';
import { END, type IrProgram } from './ir.ts';
import { lowerStatement } from './lower-statement.ts';
import { lowerCleanup } from './lower-tasks.ts';
import { type LoweredFor, Lowering } from './lowering.ts';

/** Room for the rows of `report`; a program without any needs none. */
const ROWS_BYTES = 128 << 10;

/** Turns a checked program into IR: order of evaluation is from left to right. */
export function lowerProgram(
  { statements, result, rows, tasks }: CheckedProgram,
  target: LoweredFor = 'module',
): IrProgram {
  const lowering = new Lowering(tasks, target);
  const { builder } = lowering;
  for (const statement of statements) lowerStatement(lowering, statement);
  if (builder.isOpen) builder.terminate({ op: 'end', end: result ? END.FINISHED : END.RETURNED, place: 0 });
  let cleanup: number | undefined;
  if (lowering.holders.length > 0 || lowering.rcuDepth !== undefined) {
    cleanup = builder.block();
    builder.enter(cleanup);
    lowerCleanup(lowering);
  }
  return builder.finish({
    localBytes: roundUp(lowering.localBytes, 16),
    resultBytes: result ? carriedBytes(result) : 0,
    rowsBytes: rows.length > 0 ? ROWS_BYTES : 0,
    cleanup,
  });
}
