import type { ResultRow, TypedValue } from '../../../shared/messages/index.ts';
import type { CheckedProgram } from '../check/index.ts';
import { RESULT_HEADER } from '../codegen/index.ts';
import type { SymbolTable } from '../facts/index.ts';
import type { Memory } from '../interpreter/index.ts';
import { END, lowerForPlan, marshalledBytes, type PermittedFunctions } from '../ir/index.ts';
import { locationOf, type SourceText } from '../preprocessor/index.ts';
import { readResultArea } from '../result/index.ts';
import { type PlanEnding, type ProgramPlan, UNKNOWN } from './plan.ts';
import { Planner, type PlannerOutcome, type RowTaint, type UnknownSource } from './planner.ts';

/** A checked program, with the symbols and the memory that a plan may read. */
export interface PlanInput {
  readonly checked: CheckedProgram;
  readonly symbols: SymbolTable;
  /** `unread` where nothing is to be read: what a read would give is then unknown. */
  readonly memory: Memory | 'unread';
  readonly permitted: PermittedFunctions;
  /** Turns that loops may make in all. */
  readonly fuel: number;
}

/** The part of a plan that comes of going through the program. */
export type PlannedRun = Pick<
  ProgramPlan,
  'steps' | 'droppedSteps' | 'ending' | 'rows' | 'droppedRows' | 'notes'
>;

const AFTER_CALLS =
  'memory was read as it is now: the plan does not see what a call or another CPU changes before the program reads it';
const NOT_READ = 'memory was not read: what the program would read is unknown';
const WROTE_ANYWHERE =
  'the program writes to an address that depends on the result of a call: what it reads afterwards may have another value';

/**
 * Goes through a program without calling or writing anything. What a call would give is unknown; so is all
 * that is computed from it, and where the way of the program depends on that, the plan ends and says so.
 * Yields as `interpret` does.
 */
export function* planProgram(input: PlanInput): Generator<undefined, PlannedRun> {
  const { checked, symbols, memory, permitted, fuel } = input;
  const lowered = lowerForPlan(checked, { permitted, fuel });
  const { ir, regions } = lowered;
  const planned = yield* new Planner(lowered, memory, {
    program: checked.source,
    symbols,
    ir,
    regions,
  }).run();
  const calls = planned.steps.some(({ kind }) => kind === 'call');
  const { steps, droppedSteps } = planned;
  return {
    steps,
    droppedSteps,
    ...endOf(planned, input),
    notes: [
      ...(memory === 'unread' ? [NOT_READ] : calls ? [AFTER_CALLS] : []),
      ...(planned.wroteAnywhere ? [WROTE_ANYWHERE] : []),
    ],
  };
}

function endOf(
  planned: PlannerOutcome,
  { checked, symbols, fuel }: PlanInput,
): Pick<PlannedRun, 'ending' | 'rows' | 'droppedRows'> {
  const { area, dependsOn } = planned;
  const { results, source: program } = checked;
  if (dependsOn) markAsReturned(area);
  const end = readResultArea({ area, program, results, rows: checked.rows, symbols, fuel });
  const rows = end.rows.map((row, index) => withoutUnknown(row, planned.rowTaints[index], checked));
  const { droppedRows } = end;
  if (dependsOn) return { ending: dependsEnding(dependsOn, program), rows, droppedRows };
  if (end.kind !== 'returned')
    return { ending: { kind: end.kind, text: end.error.message }, rows, droppedRows };
  const text = planned.resultTaint === 0 ? end.value.text : UNKNOWN;
  return { ending: { kind: 'returned', text }, rows, droppedRows };
}

/** The rows of a program that came to no end of its own are read as those of one that did. */
function markAsReturned(area: Uint8Array): void {
  new DataView(area.buffer, area.byteOffset).setBigUint64(RESULT_HEADER.END, BigInt(END.FINISHED), true);
}

function dependsEnding({ name, at }: UnknownSource, program: SourceText): PlanEnding {
  const { line, column } = locationOf(program, at);
  const what = name === undefined ? 'what is read from memory' : `the result of ${name}`;
  const text = `what happens from here depends on ${what} (line ${line}, column ${column})`;
  return { kind: 'depends', text };
}

const UNKNOWN_VALUE: TypedValue = { type: UNKNOWN, text: UNKNOWN, kind: 'void' };

function withoutUnknown(
  { values }: ResultRow,
  taints: RowTaint | undefined,
  { rows }: CheckedProgram,
): ResultRow {
  if (!taints) return { values };
  let at = 0;
  return {
    values: values.map((value, index) => {
      const start = at;
      at += marshalledBytes(rows[taints.reportIndex]![index]!);
      return taints.bytes.subarray(start, at).some(taintLabel => taintLabel !== 0) ? UNKNOWN_VALUE : value;
    }),
  };
}
