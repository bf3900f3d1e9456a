import { FarcallError } from '../errors/index.ts';

/** One condition on a host's labels. */
export interface LabelTerm {
  readonly label: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** What a selector means: a host matches where every term holds. The selector `*` has no term and matches all. */
export interface Selector {
  readonly terms: readonly LabelTerm[];
}

/**
 * Reads a selector: `env=demo`, `env=prod,role!=db`, or `*` for every host. A host's own name is its label `host`.
 * Throws SELECTOR_INVALID with the term that cannot be read.
 */
export function parseSelector(text: string): Selector {
  if (text.trim() === '*') return { terms: [] };
  return { terms: text.split(',').map(term => parseTerm(term.trim())) };
}

/** Whether a host with these labels is meant. */
export function selectorMatches(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  return selector.terms.every(
    ({ label, operator, value }) => (labels[label] === value) === (operator === '='),
  );
}

function parseTerm(term: string): LabelTerm {
  const match = /^([a-z][a-z0-9_.-]{0,62})(!=|=)([A-Za-z0-9_.:-]{0,63})$/.exec(term);
  if (!match?.[1]) {
    throw new FarcallError(
      'SELECTOR_INVALID',
      `'${term}' is not a condition; write label=value, label!=value, or * for all`,
    );
  }
  return { label: match[1], operator: match[2] === '=' ? '=' : '!=', value: match[3] ?? '' };
}
