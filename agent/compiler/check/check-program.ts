import type { FarcallError } from '../../../shared/errors/index.ts';
import type { Effect } from '../../../shared/messages/index.ts';
import type { Source } from '../preprocessor/index.ts';
import type { Program } from '../program/index.ts';
import {
  CheckContext,
  ErrorRecovery,
  type KernelAnswer,
  Parameters,
  type ParameterValues,
  Questions,
  type Warning,
} from './context/index.ts';
import { type KernelNames, type TaskSupport, taskSupport, writesByKind } from './names/index.ts';
import {
  type CheckedLibrary,
  checkOwnFunctions,
  StatementChecker,
  warnOfUnusedFunctions,
} from './statements/index.ts';
import {
  type CalledFunction,
  canFallThrough,
  type MarshalledValue,
  type ProgramResults,
  type TypedDeny,
  type TypedStatement,
  type TypedWatch,
} from './tree/index.ts';

/** A call program with every type known. */
export interface CheckedProgram {
  readonly source: Source;
  readonly statements: readonly TypedStatement[];
  /** Type and form of each value that it may end with; empty where it has none. */
  readonly results: ProgramResults;
  /** Whether it is `undo("REQUEST")`, of which each host makes another program. */
  readonly undoes: boolean;
  /** The functions that it calls, each once. */
  readonly callees: readonly CalledFunction[];
  /** Whether it may call kernel functions of its own choice. */
  readonly calls: boolean;
  /** Whether it may write to kernel memory. */
  readonly writes: boolean;
  /** What the rows of each `report` hold, in the order of the text. */
  readonly rows: readonly (readonly MarshalledValue[])[];
  readonly warnings: readonly Warning[];
  /** What the program asks of this kernel: the answers decide which of its branches are there. */
  readonly answers: readonly KernelAnswer[];
  /** What this kernel offers for tasks and RCU; undefined where the program uses neither. */
  readonly tasks: TaskSupport | undefined;
  /** Its watches, in the order of the text. */
  readonly watches: readonly TypedWatch[];
  /** Its denies, likewise. */
  readonly denies: readonly TypedDeny[];
}

/**
 * Checks a parsed program against one kernel. Throws PROGRAM_*, SYMBOL_* or KERNEL_LACKS, with the location.
 */
export function checkProgram(
  source: Source,
  program: Program,
  names: KernelNames,
  options: CheckOptions = {},
): CheckedProgram {
  const context = contextFor(source, names, options);
  const { library } = options;
  return checkWith(context, { source, program, library });
}

/** What is known before a check. */
export interface CheckOptions {
  /** What the preprocessor has asked of the kernel. */
  readonly questions?: Questions | undefined;
  /** What stands before the program. */
  readonly library?: CheckedLibrary | undefined;
  /** Values for the parameters of the program; those without one are at their presets. */
  readonly values?: ParameterValues | undefined;
}

function contextFor(
  source: Source,
  names: KernelNames,
  { questions = new Questions(names), library, values }: CheckOptions,
): CheckContext {
  const context = library?.contextFor(source, names, questions) ?? new CheckContext(source, names, questions);
  context.parameters = new Parameters(values);
  return context;
}

/** Everything that is wrong with a program, as far as one check can tell. */
export interface Diagnosis {
  /** At most one for each statement; what only follows from an earlier one is left out. */
  readonly errors: readonly FarcallError[];
  readonly warnings: readonly Warning[];
  /** Undefined where there is an error. */
  readonly checked: CheckedProgram | undefined;
}

/** As {@link checkProgram}, but goes on with the next statement after an error. */
export function diagnoseProgram(
  source: Source,
  program: Program,
  names: KernelNames,
  options: CheckOptions = {},
): Diagnosis {
  const context = contextFor(source, names, options);
  const { library } = options;
  const recovery = new ErrorRecovery(source.text);
  const attempt = recovery.attempt(() => checkWith(context, { source, program, library, recovery }));
  const { errors } = recovery;
  if (errors.length > 0) return { errors, warnings: context.diagnostics.warnings, checked: undefined };
  return { errors, warnings: attempt?.warnings ?? [], checked: attempt };
}

/**
 * What a program does at most: deny functions to others, write to kernel memory, call functions (which may do
 * anything), watch some, or only read. A call of a function that writes by its kind is a write; see
 * `WRITING_KINDS`.
 */
export function effectOf({ writes, calls, callees, watches, denies }: CheckedProgram): Effect {
  if (denies.length > 0) return 'deny';
  if (writes || callees.some(({ name }) => writesByKind(name) !== undefined)) return 'write';
  if (calls) return 'call';
  return watches.length > 0 ? 'watch' : 'read';
}

/**
 * Threat: what a program writes beside its denies is not seen for the larger word, and a watch holds up what
 * was meant to be in force at once.
 */
function refuseBesideDeny({ denies, writes, callees, watches, diagnostics }: CheckContext): void {
  const [first] = denies;
  if (!first) return;
  const beside =
    writes || callees.some(({ name }) => writesByKind(name) !== undefined) ? 'writes' : 'watches';
  if (beside === 'watches' && watches.length === 0) return;
  throw diagnostics.error(
    'PROGRAM_UNSUPPORTED',
    first.at,
    `a program that denies ${beside} nothing: make another request of it`,
  );
}

/** Parameters are what approvers look at first: none stands where a reader may miss it. */
function refuseLateParameters({ diagnostics }: CheckContext, program: Program): void {
  const other = program.findIndex(({ kind }) => kind !== 'parameter');
  const late = other < 0 ? undefined : program.slice(other).find(({ kind }) => kind === 'parameter');
  if (late) throw diagnostics.error('PROGRAM_SYNTAX', late.at, 'parameters stand before everything else');
}

interface Parsed {
  readonly source: Source;
  readonly program: Program;
  readonly library: CheckedLibrary | undefined;
  readonly recovery?: ErrorRecovery;
}

function checkWith(context: CheckContext, { source, program, library, recovery }: Parsed): CheckedProgram {
  const statements = new StatementChecker(context, recovery);
  refuseLateParameters(context, program);
  const typed = statements.program(program);
  context.parameters.settle();
  checkOwnFunctions(context, { recovery, library });
  const refusedCall = context.watchBodies.refusedCall(context.diagnostics);
  if (refusedCall) throw refusedCall;
  refuseBesideDeny(context);
  warnOfUnusedFunctions(context, program);
  for (const { name, at } of context.scope.unused) context.diagnostics.warn(at, `'${name}' is never used`);
  if (statements.results.size > 0 && canFallThrough(typed))
    context.diagnostics.warn(source.text.trimEnd().length, 'the program may end here without a value');
  const {
    callees,
    writes,
    callsPointers,
    takesLocks,
    usesTasks,
    usesRcu,
    rows,
    watches,
    denies,
    diagnostics,
    names,
  } = context;
  return {
    source,
    statements: [...context.statics.map(start => ({ kind: 'initialise', start }) as const), ...typed],
    results: statements.results,
    callees,
    calls: callees.length > 0 || callsPointers || takesLocks,
    undoes: context.undoes,
    writes,
    rows,
    watches,
    denies,
    answers: context.questions.answers,
    warnings: diagnostics.warnings.toSorted((a, b) => a.line - b.line || a.column - b.column),
    tasks: usesTasks || usesRcu ? taskSupport(names) : undefined,
  };
}
