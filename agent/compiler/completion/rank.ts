import type { Candidate } from './kernel-index.ts';

/** A candidate with its place in the order of its own kind; the smaller comes first. */
export interface Ranked extends Candidate {
  readonly order: number;
}

const KIND_ORDER: Readonly<Record<Candidate['kind'], number>> = {
  local: 0,
  member: 0,
  builtin: 1,
  keyword: 2,
  function: 3,
  type: 4,
  variable: 5,
  enumerator: 5,
};

/** How well a label fits what was typed: it is that, but for underscores before it, starts with it, has it somewhere; undefined: not at all. */
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
      KIND_ORDER[one.candidate.kind] - KIND_ORDER[other.candidate.kind] ||
      one.candidate.order - other.candidate.order ||
      (one.candidate.label < other.candidate.label ? -1 : 1),
  );
  return fitting.map(({ candidate }) => candidate);
}
