import type { CliContext, CommonOptions } from '../session/index.ts';

/** A completion candidate for a shell. */
export interface ShellCandidate {
  /** The whole value, including its part that is already typed. */
  readonly value: string;
  readonly description?: string;
}

/** The surroundings of a completion. It has no terminal: a person who presses TAB is not asked anything. */
export type CompletionContext = Pick<CliContext, 'clock' | 'env'>;

/** The input of a candidate source. */
export interface CompletionInput {
  /** The part of the value that is already typed. */
  readonly typed: string;
  /** The name of the command that the value is for. */
  readonly command: string;
  readonly context: CompletionContext;
  /** The options of the line that choose the operator and the controller. */
  readonly operator: CommonOptions;
}

/** The candidates for one kind of value. `files` means that the shell completes file names itself. */
export type CandidateSource = (
  input: CompletionInput,
) => readonly ShellCandidate[] | 'files' | Promise<readonly ShellCandidate[]>;

/** How many candidates are offered at most. */
export const CANDIDATES_LIMIT = 200;

/** A source with a fixed list of values. */
export function fixedValues(...values: readonly string[]): CandidateSource {
  return () => values.map(value => ({ value }));
}

/**
 * A source for the last member of a comma-separated list. It leaves out the members that the list already
 * has.
 */
export function listMembers(values: readonly string[]): CandidateSource {
  return ({ typed }) => {
    const head = typed.slice(0, typed.lastIndexOf(',') + 1);
    const present = head.split(',');
    return values.filter(value => !present.includes(value)).map(value => ({ value: head + value }));
  };
}
