import { FarcallError } from '../../shared/errors/index.ts';
import {
  EVERY_HOST,
  type HostReport,
  type ReportFilter,
  type ReportQuery,
  type ReportView,
} from '../../shared/messages/index.ts';
import type { ReportStore, RequestStore } from '../store/index.ts';
import { hostCounter } from './group-hosts.ts';
import { filterMatches } from './report-filter.ts';
import { reportedHosts } from './reported-hosts.ts';

/** The stores that reports read. */
export interface ReportDeps {
  readonly requests: Pick<RequestStore, 'get'>;
  readonly reports: ReportStore;
}

/** How often a count starts again because a host joined the request meanwhile. */
const COUNTS = 5;

/**
 * Counts the expected hosts of a request in groups. Every host is read once, by name, and counted by its
 * status at that moment, so the sums are right while results come in. Throws NOT_FOUND; INTERNAL if the
 * number of rows is not the number of hosts that the request expects.
 */
export async function reportRequest(deps: ReportDeps, query: ReportQuery): Promise<ReportView> {
  const { id, groupBy, filter = EVERY_HOST, limit } = query;
  let counted = 0;
  for (let attempt = 0; attempt < COUNTS; attempt++) {
    const counter = hostCounter(groupBy);
    counted = 0;
    for await (const page of reportedHosts(deps.reports, id)) {
      for (const reported of page) counter.add(reported, filterMatches(filter, reported));
      counted += page.length;
    }
    const { state, expectedHosts } = await deps.requests.get(id);
    if (counted === expectedHosts) return { id, state, expectedHosts, ...counter.counted(limit) };
  }
  throw new FarcallError(
    'INTERNAL',
    `request ${id} expects another number of hosts than its ${counted} rows`,
  );
}

/** Which hosts of a request to list. */
export interface ListOptions {
  readonly id: string;
  readonly filter?: ReportFilter | undefined;
  /** Only hosts whose names come after this one. */
  readonly afterHost?: string | undefined;
  readonly signal: AbortSignal;
}

/** How many hosts are in memory at a time; each result is up to 1 MiB. */
const HOSTS_AT_ONCE = 16;

/** The expected hosts that a filter lets through, by name, with their results. Throws NOT_FOUND. */
export async function* listReport(deps: ReportDeps, options: ListOptions): AsyncGenerator<HostReport> {
  const { id, filter = EVERY_HOST, afterHost, signal } = options;
  await deps.requests.get(id);
  for await (const page of reportedHosts(deps.reports, id, afterHost)) {
    const names = page.filter(reported => filterMatches(filter, reported)).map(({ host }) => host);
    for (let from = 0; from < names.length && !signal.aborted; from += HOSTS_AT_ONCE)
      yield* await deps.reports.reportsOf(id, names.slice(from, from + HOSTS_AT_ONCE));
    if (signal.aborted) return;
  }
}
