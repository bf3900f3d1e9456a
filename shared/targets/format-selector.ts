import type { Comparison, Selector } from './selector.ts';

/**
 * The canonical text of `selector`: `env in (prod,test),!canary`. It can be read without rules of precedence,
 * and `parseSelector` reads the same selector from it.
 */
export function formatSelector(selector: Selector): string {
  switch (selector.kind) {
    case 'all':
      return '*';
    case 'and':
      return selector.of.map(part => (part.kind === 'or' ? grouped(part) : formatSelector(part))).join(',');
    case 'or':
      return selector.of.map(part => (beginsBare(part) ? grouped(part) : formatSelector(part))).join(' | ');
    case 'not':
      return formatNot(selector.of);
    case 'present':
      return selector.name;
    default:
      return formatComparison(selector, '');
  }
}

/** A bare name would be read as a value of the comparison before it. */
function beginsBare(selector: Selector): boolean {
  return selector.kind === 'present' || (selector.kind === 'and' && beginsBare(selector.of[0]!));
}

function formatNot(of: Selector): string {
  if (of.kind === 'equal' || of.kind === 'prefix') return formatComparison(of, '!');
  return of.kind === 'and' || of.kind === 'or' ? `!${grouped(of)}` : `!${formatSelector(of)}`;
}

function formatComparison({ kind, name, values }: Comparison, not: '' | '!'): string {
  const [first = ''] = values;
  const list = values.join(',');
  if (kind === 'prefix') return `${name}${not}~${values.length > 1 ? `{${list}}` : first}`;
  if (values.length === 1) return `${name}${not}=${first}`;
  return `${name} ${not === '!' ? 'not in' : 'in'} (${list})`;
}

function grouped(selector: Selector): string {
  return `(${formatSelector(selector)})`;
}
