import type { Program } from '../program/index.ts';
import { StatementChecker } from './check-statement.ts';
import { Checker, type Warning } from './checker.ts';
import type { KernelNames } from './kernel-names.ts';
import { mayComeToEnd } from './reach-end.ts';
import { type TaskSupport, taskSupport } from './task-support.ts';
import type { Callee, Carried, TypedStatement } from './typed-tree.ts';

/** A call program with every type known. */
export interface CheckedProgram {
  readonly statements: readonly TypedStatement[];
  /** Type and form of its value; undefined where it has none. */
  readonly result: Carried | undefined;
  /** The functions that it calls, each once. */
  readonly callees: readonly Callee[];
  /** Whether it may call kernel functions of its own choice. */
  readonly calls: boolean;
  /** Whether it may write to kernel memory. */
  readonly writes: boolean;
  /** What the rows of each `report` hold, in the order of the text. */
  readonly rows: readonly (readonly Carried[])[];
  readonly warnings: readonly Warning[];
  /** What this kernel offers for tasks and RCU; undefined where the program uses neither. */
  readonly tasks: TaskSupport | undefined;
}

/** Checks a parsed program against one kernel. Throws PROGRAM_*, SYMBOL_* or KERNEL_LACKS, with the place. */
export function checkProgram(text: string, program: Program, names: KernelNames): CheckedProgram {
  const checker = new Checker(text, names);
  const statements = new StatementChecker(checker);
  const typed = statements.program(program);
  for (const { name, at } of checker.scope.unused) checker.warn(at, `'${name}' is never used`);
  if (statements.result && mayComeToEnd(typed))
    checker.warn(text.trimEnd().length, 'the program may come to its end here without a value');
  const { callees, writes, callsPointers, usesTasks, usesRcu, rows, warnings } = checker;
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
