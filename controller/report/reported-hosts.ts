import { callResultCodec } from '../../shared/messages/index.ts';
import { parseResultSummary, summarizeResult } from '../result-summary/index.ts';
import type { ExpectedHostStatus, ReportStore } from '../store/index.ts';
import type { ReportedHost } from './report-filter.ts';

const PAGE_HOSTS = 500;
/** Results are up to 1 MiB each; so many are in memory at a time. */
const RESULTS_AT_ONCE = 16;

/**
 * The expected hosts of a request by name, from the one after `afterHost` on, in pages; no more than one page
 * is in memory.
 */
export async function* reportedHosts(
  reports: ReportStore,
  requestId: string,
  afterHost = '',
): AsyncGenerator<readonly ReportedHost[]> {
  for (let after = afterHost; ; ) {
    const page = await reports.standings(requestId, after, PAGE_HOSTS);
    const last = page.at(-1);
    if (!last) return;
    yield await withFindings(reports, requestId, page.map(reportedHost));
    after = last.host;
  }
}

function reportedHost({
  host,
  kernelRelease: kernel,
  arch,
  wave,
  outcome,
  finding,
}: ExpectedHostStatus): ReportedHost {
  return { host, kernel, arch, wave, outcome, finding: parseResultSummary(finding, outcome) };
}

/**
 * Rows that have no finding, as those of an older farcall, get it from the result's bytes where there is one.
 */
async function withFindings(
  reports: ReportStore,
  requestId: string,
  page: readonly ReportedHost[],
): Promise<readonly ReportedHost[]> {
  const lacking = page.filter(({ outcome, finding }) => isOwnWord(outcome) && !finding);
  if (lacking.length === 0) return page;
  const whole = new Map(page.map(reported => [reported.host, reported]));
  for (let from = 0; from < lacking.length; from += RESULTS_AT_ONCE) {
    const names = lacking.slice(from, from + RESULTS_AT_ONCE).map(({ host }) => host);
    for (const { host, outcome, result } of await reports.reportsOf(requestId, names)) {
      const reported = whole.get(host);
      if (!reported || !result || outcome !== reported.outcome) continue;
      whole.set(host, { ...reported, finding: summarizeResult(callResultCodec.decode(result.result)) });
    }
  }
  return [...whole.values()];
}

/** Outcomes that the controller gives have no result behind them. */
function isOwnWord(outcome: ReportedHost['outcome']): boolean {
  return outcome !== null && outcome !== 'expired' && outcome !== 'unreachable';
}
