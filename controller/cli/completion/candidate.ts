import type { CliContext, CommonOptions } from '../context.ts';

/** A way to go on. */
export interface Candidate {
  /** The whole value, with what is typed of it. */
  readonly value: string;
  readonly description?: string;
}

/** What a source of candidates is asked with. */
export interface Asked {
  /** What is typed of the value so far. */
  readonly typed: string;
  readonly context: CliContext;
  /** As whom, and which controller, is asked. */
  readonly as: CommonOptions;
}

/** Candidates for a kind of value, or word that the shell knows better: `files`. */
export type Source = (asked: Asked) => readonly Candidate[] | 'files' | Promise<readonly Candidate[]>;

/** Most candidates that are offered. */
export const MOST_CANDIDATES = 200;

/** Candidates of a fixed list of words. */
export function words(...values: readonly string[]): Source {
  return () => values.map(value => ({ value }));
}

/** Candidates for the last member of a list with commas; those that stand in it already are left out. */
export function members(values: readonly string[]): Source {
  return ({ typed }) => {
    const head = typed.slice(0, typed.lastIndexOf(',') + 1);
    const there = head.split(',');
    return values.filter(value => !there.includes(value)).map(value => ({ value: head + value }));
  };
}
