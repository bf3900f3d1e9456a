import type { FarcallError } from '../../../shared/errors/index.ts';
import type { Effect } from '../../../shared/messages/index.ts';
import type { Program } from '../program/index.ts';
import { StatementChecker } from './check-statement.ts';
import { Checker, type Warning } from './checker.ts';
import { ErrorRecovery } from './error-recovery.ts';
import { canFallThrough } from './fall-through.ts';
import type { KernelNames } from './kernel-names.ts';
import { type TaskSupport, taskSupport } from './task-support.ts';
import type { CalledFunction, MarshalledValue, TypedStatement } from './typed-tree.ts';

/** A call program with every type known. */
export interface CheckedProgram {
  readonly statements: readonly TypedStatement[];
  /** Type and form of its value; undefined where it has none. */
  readonly result: MarshalledValue | undefined;
  /** The functions that it calls, each once. */
  readonly callees: readonly CalledFunction[];
  /** Whether it may call kernel functions of its own choice. */
  readonly calls: boolean;
  /** Whether it may write to kernel memory. */
  readonly writes: boolean;
  /** What the rows of each `report` hold, in the order of the text. */
  readonly rows: readonly (readonly MarshalledValue[])[];
  readonly warnings: readonly Warning[];
  /** What this kernel offers for tasks and RCU; undefined where the program uses neither. */
  readonly tasks: TaskSupport | undefined;
}

/** Checks a parsed program against one kernel. Throws PROGRAM_*, SYMBOL_* or KERNEL_LACKS, with the place. */
export function checkProgram(text: string, program: Program, names: KernelNames): CheckedProgram {
  return checkWith(new Checker(text, names), { text, program });
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
export function diagnoseProgram(text: string, program: Program, names: KernelNames): Diagnosis {
  const checker = new Checker(text, names);
  const recovery = new ErrorRecovery(text);
  const attempt = recovery.attempt(() => checkWith(checker, { text, program, recovery }));
  const { errors } = recovery;
  if (errors.length > 0) return { errors, warnings: checker.warnings, checked: undefined };
  return { errors, warnings: attempt?.warnings ?? [], checked: attempt };
}

/** What a program does at most: write to kernel memory, call functions (which may do anything), or only read. */
export function effectOf({ writes, calls }: CheckedProgram): Effect {
  if (writes) return 'write';
  return calls ? 'call' : 'read';
}

interface Parsed {
  readonly text: string;
  readonly program: Program;
  readonly recovery?: ErrorRecovery;
}

function checkWith(checker: Checker, { text, program, recovery }: Parsed): CheckedProgram {
  const statements = new StatementChecker(checker, recovery);
  const typed = statements.program(program);
  for (const { name, at } of checker.scope.unused) checker.warn(at, `'${name}' is never used`);
  if (statements.result && canFallThrough(typed))
    checker.warn(text.trimEnd().length, 'the program may come to its end here without a value');
  const { callees, writes, callsPointers, usesTasks, usesRcu, rows, warnings, names } = checker;
  return {
    statements: [...checker.statics.map(start => ({ kind: 'initialise', start }) as const), ...typed],
    result: statements.result,
    callees,
    calls: callees.length > 0 || callsPointers,
    writes,
    rows,
    warnings: warnings.toSorted((a, b) => a.line - b.line || a.column - b.column),
    tasks: usesTasks || usesRcu ? taskSupport(names) : undefined,
  };
}
