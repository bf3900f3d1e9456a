import { parseResultSummary } from '../result-summary/index.ts';
import type { ExpectedHostStatus, ReportStore } from '../store/index.ts';
import type { ReportedHost } from './report-filter.ts';

const PAGE_HOSTS = 500;

/**
 * The expected hosts of a request, in the order of their names, after `afterHost`. They are read in pages;
 * one page at most is in memory.
 */
export async function* reportedHosts(
  reports: ReportStore,
  requestId: string,
  afterHost = '',
): AsyncGenerator<readonly ReportedHost[]> {
  for (let after = afterHost; ; ) {
    const page = await reports.statuses(requestId, after, PAGE_HOSTS);
    const last = page.at(-1);
    if (!last) return;
    yield page.map(reportedHost);
    after = last.host;
  }
}

function reportedHost({
  host,
  kernelRelease: kernel,
  arch,
  wave,
  outcome,
  summary,
}: ExpectedHostStatus): ReportedHost {
  return { host, kernel, arch, wave, outcome, summary: parseResultSummary(summary, outcome) };
}
