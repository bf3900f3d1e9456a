import { FarcallError } from '../../shared/errors/index.ts';
import { type OutcomeCount, type ReportKey, type ReportView, WAITING } from '../../shared/messages/index.ts';
import type { ReportGroupJson } from './json/index.ts';

/** How many hosts have an outcome. */
export function sumOf(outcomes: readonly OutcomeCount[]): number {
  return outcomes.reduce((sum, { hosts }) => sum + hosts, 0);
}

/** `1 host`, `2 hosts`. */
export function hostCount(hosts: number): string {
  return `${hosts} ${hosts === 1 ? 'host' : 'hosts'}`;
}

/** A number for people: `5,000`. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/**
 * Where the expected hosts of a request are: `5,000 expected = 4,981 returned + 12 load-error + 7 waiting`.
 */
export function sumsText(expectedHosts: number, outcomes: readonly OutcomeCount[]): string {
  const waiting = expectedHosts - sumOf(outcomes);
  const parts = outcomes.map(({ outcome, hosts }) => `${grouped(hosts)} ${outcome}`);
  return `${grouped(expectedHosts)} expected = ${[...parts, `${grouped(waiting)} ${WAITING}`].join(' + ')}`;
}

/**
 * Throws MESSAGE_INVALID where the sums of a report do not add up.
 *
 * Threat: nobody would notice a host that is in no group. The store checks its own sums; each reader checks
 * the sums that it receives.
 */
export function checkSums(report: ReportView): void {
  const inGroups = report.groups.reduce((sum, { hosts }) => sum + hosts, 0) + report.otherHosts;
  const everywhere = sumOf(report.outcomes) + report.waiting;
  if (everywhere === report.expectedHosts && inGroups === report.matchingHosts) return;
  throw new FarcallError(
    'MESSAGE_INVALID',
    `the sums of the report do not add up: ${report.expectedHosts} hosts are expected and ${everywhere} counted, ` +
      `${report.matchingHosts} match and ${inGroups} are in groups`,
  );
}

/** The groups of a report as JSON: if they are by outcome, hosts without one are in the group `waiting`. */
export function namedGroups({ groups }: ReportView, keys: readonly ReportKey[]): readonly ReportGroupJson[] {
  if (!keys.includes('outcome')) return groups;
  return groups.map(group => ({ ...group, outcome: group.outcome ?? WAITING }));
}
