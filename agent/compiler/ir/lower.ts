import { FarcallError } from '../../../shared/errors/index.ts';
import { FUEL_DEFAULT } from '../../../shared/messages/index.ts';
import type { CheckedProgram } from '../check/index.ts';
import { checkLocks, END, type Instruction, type IrProgram } from './blocks/index.ts';
import { residentPart } from './lower-deny.ts';
import { lowerFunctions } from './lower-function.ts';
import { lowerGuardCleanup } from './lower-guard.ts';
import { lowerStatement } from './lower-statement.ts';
import { lowerCleanup } from './lower-tasks.ts';
import { Lowering, type LoweringTarget, type Region, type SourceConstruct } from './lowering.ts';
import { resultsBytes, roundUp } from './marshalled-layout.ts';
import { WRITES_BYTES } from './record-write.ts';
import { NONE_PERMITTED, type PermittedFunctions, resolveChecks } from './resolve-checks.ts';

/** Room for the rows of `report`; a program without any needs none. */
const ROWS_BYTES = 128 << 10;

/** A program for the interpreter, and what its calls, its writes and its own memory were in the text. */
export interface LoweredForPlan {
  readonly ir: IrProgram;
  readonly constructs: ReadonlyMap<Instruction, SourceConstruct>;
  readonly regions: readonly Region[];
}

/**
 * What a program's pointers may hold beside the functions that it names, and how often its loops may turn.
 */
export interface LoweringOptions {
  readonly permitted?: PermittedFunctions;
  readonly fuel?: number;
}

/** Turns a checked program into IR: order of evaluation is from left to right. */
export function lowerProgram(
  checked: CheckedProgram,
  target: LoweringTarget = 'module',
  { permitted = NONE_PERMITTED, fuel = FUEL_DEFAULT }: LoweringOptions = {},
): IrProgram {
  return lowerInto(new Lowering(checked.tasks, target, { reports: checked.rows.length }), checked, {
    permitted,
    fuel,
  });
}

/** The same for a plan: nothing of it is done, but all of it must be shown. */
export function lowerForPlan(
  checked: CheckedProgram,
  { permitted = NONE_PERMITTED, fuel = FUEL_DEFAULT }: LoweringOptions = {},
): LoweredForPlan {
  const lowering = new Lowering(checked.tasks, 'interpreter');
  const ir = lowerInto(lowering, checked, { permitted, fuel });
  return { ir, constructs: lowering.constructs, regions: lowering.regions };
}

function lowerInto(
  lowering: Lowering,
  { source, statements, results, rows, callees, undoes }: CheckedProgram,
  { permitted, fuel }: Required<LoweringOptions>,
): IrProgram {
  if (undoes)
    throw new FarcallError(
      'PROGRAM_UNSUPPORTED',
      'only the agent of a host knows what undo puts back there, so nothing else can compile it',
    );
  const { builder } = lowering;
  for (const statement of statements) lowerStatement(lowering, statement);
  if (builder.isOpen)
    builder.terminate({ op: 'end', end: results.size > 0 ? END.FINISHED : END.RETURNED, sourceOffset: 0 });
  lowerFunctions(lowering);
  let cleanup: number | undefined;
  const { holders, rcuDepth, allGuards, probes, denies } = lowering;
  const held = [holders, allGuards, probes, denies];
  if (rcuDepth !== undefined || held.some(each => each.length > 0)) {
    cleanup = builder.block();
    builder.enter(cleanup);
    lowerGuardCleanup(lowering);
    lowerCleanup(lowering);
  }
  const resident = residentPart(lowering);
  const ir = builder.finish({
    localBytes: roundUp(lowering.localBytes, 16),
    resultBytes: resultsBytes(results),
    rowsBytes: (rows.length > 0 ? ROWS_BYTES : 0) + (lowering.writes.length > 0 ? WRITES_BYTES : 0),
    writes: lowering.writes,
    hasUnrecorded: lowering.hasUnrecorded,
    cleanup,
    pointerChecks: [],
    fuel,
    callNext: lowering.callNext,
    exits: new Set(lowering.functions.map(({ exit }) => exit)),
    handlers: lowering.handlers,
    ...(resident && { resident }),
  });
  checkLocks({ ir, source, events: lowering.lockEvents });
  const { checkedPointers, regions } = lowering;
  return { ...ir, pointerChecks: resolveChecks(checkedPointers, { ir, regions, callees, permitted }) };
}
