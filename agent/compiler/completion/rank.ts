import type { CompletionCandidate } from './kernel-index.ts';

/** A candidate with its rank: smaller numbers come first. */
export interface Ranked extends CompletionCandidate {
  /** Of what is declared in the program 0; of the rest by what it is. */
  readonly group: number;
  readonly order: number;
}

/**
 * How well a label fits what was typed: it is that, but for underscores before it, starts with it, has it
 * somewhere; undefined: not at all.
 */
function fitOf(label: string, prefix: string): number | undefined {
  if (label === prefix) return 0;
  const plain = label.replace(/^_+/, '');
  if (plain === prefix) return 1;
  if (label.startsWith(prefix)) return 2;
  const [low, typed] = [label.toLowerCase(), prefix.toLowerCase()];
  if (low.startsWith(typed)) return 3;
  if (plain.toLowerCase().startsWith(typed)) return 4;
  return low.includes(typed) ? 5 : undefined;
}

/** Those candidates that fit, the likeliest first. */
export function rank(candidates: readonly Ranked[], prefix: string): readonly Ranked[] {
  const fitting = candidates.flatMap(candidate => {
    const distance = fitOf(candidate.label, prefix);
    return distance === undefined ? [] : [{ candidate, distance }];
  });
  fitting.sort(
    (one, other) =>
      one.distance - other.distance ||
      one.candidate.group - other.candidate.group ||
      one.candidate.order - other.candidate.order ||
      (one.candidate.label < other.candidate.label ? -1 : 1),
  );
  return fitting.map(({ candidate }) => candidate);
}
