import type {
  CompletionList,
  Diagnostic,
  FunctionList,
  ProgramDiagnostics,
} from '../../../shared/messages/index.ts';

/** An error or warning with its source location; lines and columns count from 1. */
export type DiagnosticJson = Diagnostic;

/** The result of a check of a program against a kernel of the fleet. */
export type CheckJson = ProgramDiagnostics;

/** Completion candidates at an offset of a program, the likeliest first. */
export type CompletionsJson = CompletionList;

/** Functions of the fleet's kernels that match a pattern. */
export type FunctionsJson = FunctionList;
