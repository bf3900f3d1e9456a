import type { ReportGroup, ReportKey, ReportView } from '../../../shared/messages/index.ts';
import { WAITING } from '../../../shared/messages/index.ts';
import { grouped, printable } from '../../views/index.ts';
import { outcomeColour } from './outcome-colour.ts';
import type { OutputStyle } from './result-table.ts';
import { type Cell, renderTable } from './table.ts';
import { wrapValue } from './wrap.ts';

const HEADERS: Readonly<Record<ReportKey, string>> = {
  outcome: 'OUTCOME',
  value: 'VALUE',
  errno: 'ERRNO',
  error: 'ERROR',
  message: 'MESSAGE',
  kernel: 'KERNEL',
  arch: 'ARCH',
  wave: 'WAVE',
};

const EXAMPLES = 3;

/** One line for each group: how many hosts, what they have in common, and a few examples. */
export function renderGroups(
  { groups, otherGroups, otherHosts }: ReportView,
  keys: readonly ReportKey[],
  { width, hasColours }: OutputStyle,
): string[] {
  const shown = keys.filter(key => key === 'outcome' || groups.some(group => group[key] !== undefined));
  const rows = groups.map(group => [
    { text: grouped(group.hosts).padStart(5) },
    ...shown.map(key => cellOf(key, group, hasColours)),
    { text: examplesText(group) },
  ]);
  const headers = ['HOSTS', ...shown.map(key => HEADERS[key]), 'EXAMPLES'];
  const wide = shown.indexOf('message');
  const value = shown.indexOf('value');
  const main = 1 + (wide >= 0 ? wide : value >= 0 ? value : shown.length);
  const flexible = [main, shown.length + 1, shown.indexOf('kernel') + 1];
  const droppable = [
    shown.length + 1,
    ...['arch', 'kernel', 'errno', 'error'].map(key => shown.indexOf(key as ReportKey) + 1),
  ];
  const rest = `… ${grouped(otherHosts)} more hosts in at least ${otherGroups} more groups`;
  const table = renderTable({
    headers,
    rows,
    flexible,
    droppable: droppable.filter(index => index > 0),
    width,
  });
  return [...table, ...(otherHosts > 0 ? wrapValue(rest, { columns: width, hang: 2 }) : [])];
}

function cellOf(key: ReportKey, group: ReportGroup, hasColours: boolean): Cell {
  if (key !== 'outcome') return { text: keyText(key, group) };
  const { outcome } = group;
  return outcome ? { text: outcome, colour: outcomeColour(outcome, hasColours) } : { text: WAITING };
}

/** A member of a group without control characters. A long value has its digest too, for `--filter`. */
function keyText(key: ReportKey, group: ReportGroup): string {
  const text = printable(String(group[key] ?? ''));
  return key === 'value' && group.valueDigest ? `${text} sha256:${group.valueDigest.slice(0, 16)}` : text;
}

function examplesText({ hosts, examples }: ReportGroup): string {
  const few = examples.slice(0, EXAMPLES);
  return `${few.join(' ')}${hosts > few.length ? ' …' : ''}`;
}
