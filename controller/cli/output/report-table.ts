import { FarcallError } from '../../../shared/errors/index.ts';
import type { OutcomeCount, ReportGroup, ReportKey, ReportView } from '../../../shared/messages/index.ts';
import { WAITING } from '../../../shared/messages/index.ts';
import { outcomePaint } from './paint.ts';
import { printable } from './printable.ts';
import type { ResultTableStyle } from './result-table.ts';
import { type Cell, renderTable } from './table.ts';
import { sumOf } from './waves.ts';

/** A number for people: `5,000`. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** Where the expected hosts of a request are: `5,000 expected = 4,981 returned + 12 load-error + 7 waiting`. */
export function sumsText(expectedHosts: number, outcomes: readonly OutcomeCount[]): string {
  const waiting = expectedHosts - sumOf(outcomes);
  const parts = outcomes.map(({ outcome, hosts }) => `${grouped(hosts)} ${outcome}`);
  return `${grouped(expectedHosts)} expected = ${[...parts, `${grouped(waiting)} ${WAITING}`].join(' + ')}`;
}

/**
 * Throws MESSAGE_INVALID where the sums of a report do not add up.
 *
 * Threat: a host that is in no group would be a host that nobody misses. The store checks its sums; this one is checked by
 * whoever reads it.
 */
export function checkSums(report: ReportView): void {
  const inGroups = report.groups.reduce((sum, { hosts }) => sum + hosts, 0) + report.otherHosts;
  const everywhere = sumOf(report.outcomes) + report.waiting;
  if (everywhere === report.expectedHosts && inGroups === report.matchingHosts) return;
  throw new FarcallError(
    'MESSAGE_INVALID',
    `the sums of the report do not add up: ${report.expectedHosts} hosts are expected and ${everywhere} told of, ` +
      `${report.matchingHosts} are meant and ${inGroups} in groups`,
  );
}

/** A group for programs: where outcomes were asked for, hosts without one are `waiting`. */
export type NamedGroup = Omit<ReportGroup, 'outcome'> & { readonly outcome?: string | undefined };

/** The groups of a report for programs. */
export function namedGroups({ groups }: ReportView, keys: readonly ReportKey[]): readonly NamedGroup[] {
  if (!keys.includes('outcome')) return groups;
  return groups.map(group => ({ ...group, outcome: group.outcome ?? WAITING }));
}

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

/** One line for each group: how many hosts, what they have in common, and a few of them. */
export function renderGroups(
  { groups, otherGroups, otherHosts }: ReportView,
  keys: readonly ReportKey[],
  { width, hasColours }: ResultTableStyle,
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
  const rest = `… ${grouped(otherHosts)} hosts in ${otherGroups} or more further groups`;
  return [...renderTable({ headers, rows, flexible, width }), ...(otherHosts > 0 ? [rest] : [])];
}

function cellOf(key: ReportKey, group: ReportGroup, hasColours: boolean): Cell {
  if (key !== 'outcome') return { text: keyText(key, group) };
  const { outcome } = group;
  return outcome ? { text: outcome, paint: outcomePaint(outcome, hasColours) } : { text: WAITING };
}

/** A group's member without control characters; of a long value its digest too, for `--filter`. */
function keyText(key: ReportKey, group: ReportGroup): string {
  const text = printable(String(group[key] ?? ''));
  return key === 'value' && group.valueDigest ? `${text} sha256:${group.valueDigest.slice(0, 16)}` : text;
}

function examplesText({ hosts, examples }: ReportGroup): string {
  const few = examples.slice(0, EXAMPLES);
  return `${few.join(' ')}${hosts > few.length ? ' …' : ''}`;
}
