import { parseResultSummary } from '../../result-summary/index.ts';
import { type ExpectedHostsDigest, expectedHostsDigest, type Schema } from '../../store/index.ts';
import type {
  ExpectedRowsSum,
  ReplayedHostOutcome,
  ReplayedJoin,
  ReplayedRequest,
  ReplayedWaveCount,
  ReportFinding,
  ShownSummary,
  TableCheck,
  VerifyContext,
} from '../replay/index.ts';

type Row = Schema['expected_hosts'];

interface Sum {
  readonly requestId: string;
  readonly list: ExpectedHostsDigest;
  /** By `wave outcome`. */
  readonly counts: Map<string, { hosts: number; unhealthy: number }>;
  rows: number;
  settled: number;
}

/**
 * The expected hosts: each outcome is that of an entry of the log, by the host itself or by the controller;
 * and the rows of a request together are the list that was frozen when it was made (compared in the check of
 * requests), and those hosts of which the log says that they joined later.
 */
export function expectedHostsCheck(): TableCheck<Row> {
  let sum: Sum | undefined;
  return {
    keyOf: ({ request_id, host }) => [request_id, host],
    recorded: 'some',
    check(row, context, report) {
      if (sum?.requestId !== row.request_id) {
        recordSum(sum, context);
        sum = newSum(row.request_id);
      }
      addRow(sum, row, context, report);
      checkOutcome(row, context, report);
      checkSummary(row, context, report);
    },
    end(context) {
      recordSum(sum, context);
      sum = undefined;
    },
  };
}

function newSum(requestId: string): Sum {
  return { requestId, list: expectedHostsDigest(), counts: new Map(), rows: 0, settled: 0 };
}

function addRow(sum: Sum, row: Row, { replay }: VerifyContext, report: ReportFinding): void {
  const { host, kernel_release: kernelRelease, arch, wave, outcome, unhealthy } = row;
  sum.rows += 1;
  sum.settled += outcome === null || outcome === 'unreachable' ? 0 : 1;
  const joined = replay.get<ReplayedJoin>(['joined', row.request_id, host]);
  if (joined) checkJoined(row, joined, report);
  else sum.list.add({ host, kernelRelease, arch, wave });
  if (outcome === null) return;
  const count = sum.counts.get(`${wave} ${outcome}`) ?? { hosts: 0, unhealthy: 0 };
  count.hosts += 1;
  count.unhealthy += unhealthy === null ? 0 : 1;
  sum.counts.set(`${wave} ${outcome}`, count);
}

function recordSum(sum: Sum | undefined, { replay }: VerifyContext): void {
  if (!sum) return;
  const { requestId, rows, settled, list, counts } = sum;
  for (const [key, count] of counts) {
    const [wave, outcome] = key.split(' ');
    replay.put(['wave_counts', requestId, Number(wave), outcome ?? ''], count satisfies ReplayedWaveCount);
  }
  replay.put(['expected-rows', requestId], {
    rows,
    settled,
    digest: list.digest(),
  } satisfies ExpectedRowsSum);
}

function checkJoined(row: Row, { kernelRelease, arch, wave }: ReplayedJoin, report: ReportFinding): void {
  const [is, was] = [
    [row.kernel_release, row.arch, row.wave],
    [kernelRelease, arch, wave],
  ].map(facts => facts.join(' '));
  if (is !== was) report('content', `the audit log says that it joined with kernel and wave ${was}`);
}

function checkOutcome(row: Row, { replay }: VerifyContext, report: ReportFinding): void {
  const recorded = replay.get<ReplayedHostOutcome>(['expected_hosts', row.request_id, row.host]);
  if (row.outcome !== (recorded?.outcome ?? null))
    report(
      'state',
      `its outcome is ${row.outcome ?? 'open'}; the audit log says ${recorded?.outcome ?? 'open'}`,
    );
  if (row.unhealthy !== (recorded?.unhealthy ?? null)) report('state', 'its health is not what the log says');
  if (row.attempt !== (recorded?.attempt ?? 1))
    report('content', `its attempt is ${row.attempt}; the audit log says ${recorded?.attempt ?? 1}`);
  if (recorded?.wave !== undefined && row.wave !== recorded.wave)
    report('content', `it is in wave ${row.wave}; the audit log says ${recorded.wave}`);
  const joined = replay.get<ReplayedJoin>(['joined', row.request_id, row.host]);
  const lastSeq =
    recorded?.lastSeq ?? joined?.seq ?? replay.get<ReplayedRequest>(['requests', row.request_id])?.createdSeq;
  if (row.changed_seq !== lastSeq)
    report(
      'content',
      `changed_seq is ${row.changed_seq}, and the last entry about it is ${lastSeq ?? 'none'}`,
    );
}

/**
 * What reports show of a host in short must be what its result says: a result that the log records, and to
 * whose bytes it is held in the check of results. Hosts that sent nothing have none.
 */
function checkSummary(row: Row, { replay }: VerifyContext, report: ReportFinding): void {
  const recorded = replay.get<ReplayedHostOutcome>(['expected_hosts', row.request_id, row.host]);
  // Which was found already; what reports show goes by the outcome.
  if (row.outcome !== (recorded?.outcome ?? null)) return;
  if (!recorded?.bySelf) {
    if (row.result_summary !== null) report('content', 'reports show a result of it, and it sent none');
    return;
  }
  const attempt = attemptOf(row);
  const result = ['results', row.request_id, row.host, attempt, 0] as const;
  if (row.result_summary === null || replay.get(result) === undefined)
    return report('content', 'reports do not show the result that it sent');
  const shown: ShownSummary = { text: row.result_summary };
  replay.put(['summary', row.request_id, row.host, attempt], shown);
}

/** Of which attempt a row has a summary; 0 if it has none, or one that reports pass over. */
function attemptOf({ result_summary: summary, outcome }: Row): number {
  try {
    return parseResultSummary(summary, outcome)?.attempt ?? 0;
  } catch {
    return 0;
  }
}
