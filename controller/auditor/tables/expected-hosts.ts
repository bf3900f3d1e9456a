import { parseResultSummary } from '../../result-summary/index.ts';
import { type ExpectedHostsDigest, expectedHostsDigest, type Schema } from '../../store/index.ts';
import type {
  Complain,
  ExpectedRowsNote,
  FindingNote,
  HostOutcomeNote,
  JoinedNote,
  RequestNote,
  TableCheck,
  VerifyContext,
  WaveCountNote,
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
 * The expected hosts: each outcome is that of an entry of the log, by the host itself or by the controller; and the
 * rows of a request together are the list that was frozen when it was made (compared in the check of requests), and those
 * hosts of which the log says that they joined later.
 */
export function expectedHostsCheck(): TableCheck<Row> {
  let sum: Sum | undefined;
  return {
    keyOf: ({ request_id, host }) => [request_id, host],
    told: 'some',
    check(row, context, complain) {
      if (sum?.requestId !== row.request_id) {
        noteSum(sum, context);
        sum = newSum(row.request_id, context);
      }
      addRow(sum, row, context, complain);
      checkOutcome(row, context, complain);
      checkFinding(row, context, complain);
    },
    end(context) {
      noteSum(sum, context);
      sum = undefined;
    },
  };
}

function newSum(requestId: string, { notes }: VerifyContext): Sum {
  const { withWaves = true } = notes.get<RequestNote>(['requests', requestId]) ?? {};
  return { requestId, list: expectedHostsDigest(withWaves), counts: new Map(), rows: 0, settled: 0 };
}

function addRow(sum: Sum, row: Row, { notes }: VerifyContext, complain: Complain): void {
  const { host, kernel_release: kernelRelease, arch, wave, outcome, unhealthy } = row;
  sum.rows += 1;
  sum.settled += outcome === null || outcome === 'unreachable' ? 0 : 1;
  const joined = notes.get<JoinedNote>(['joined', row.request_id, host]);
  if (joined) checkJoined(row, joined, complain);
  else sum.list.add({ host, kernelRelease, arch, wave });
  if (outcome === null) return;
  const count = sum.counts.get(`${wave} ${outcome}`) ?? { hosts: 0, unhealthy: 0 };
  count.hosts += 1;
  count.unhealthy += unhealthy === null ? 0 : 1;
  sum.counts.set(`${wave} ${outcome}`, count);
}

function noteSum(sum: Sum | undefined, { notes }: VerifyContext): void {
  if (!sum) return;
  const { requestId, rows, settled, list, counts } = sum;
  for (const [key, count] of counts) {
    const [wave, outcome] = key.split(' ');
    notes.put(['wave_counts', requestId, Number(wave), outcome ?? ''], count satisfies WaveCountNote);
  }
  notes.put(['expected-rows', requestId], {
    rows,
    settled,
    digest: list.digest(),
  } satisfies ExpectedRowsNote);
}

function checkJoined(row: Row, { kernelRelease, arch, wave }: JoinedNote, complain: Complain): void {
  const [is, was] = [
    [row.kernel_release, row.arch, row.wave],
    [kernelRelease, arch, wave],
  ].map(facts => facts.join(' '));
  if (is !== was) complain('content', `it joined with kernel and wave ${was}, by the log`);
}

function checkOutcome(row: Row, { notes }: VerifyContext, complain: Complain): void {
  const said = notes.get<HostOutcomeNote>(['expected_hosts', row.request_id, row.host]);
  if (row.outcome !== (said?.outcome ?? null))
    complain('state', `its outcome is ${row.outcome ?? 'open'}, and by the log ${said?.outcome ?? 'open'}`);
  if (row.unhealthy !== (said?.unhealthy ?? null))
    complain('state', 'whether it is unwell is not what the log says');
  if (row.attempt !== (said?.attempt ?? 1))
    complain('content', `its attempt is ${row.attempt}, and by the log ${said?.attempt ?? 1}`);
  if (said?.wave !== undefined && row.wave !== said.wave)
    complain('content', `it is in wave ${row.wave}, and by the log in ${said.wave}`);
  const joined = notes.get<JoinedNote>(['joined', row.request_id, row.host]);
  const lastSeq =
    said?.lastSeq ?? joined?.seq ?? notes.get<RequestNote>(['requests', row.request_id])?.createdSeq;
  if (row.changed_seq !== lastSeq)
    complain(
      'content',
      `changed_seq is ${row.changed_seq}, and the last entry about it is ${lastSeq ?? 'none'}`,
    );
}

/**
 * What reports show of a host in short must be what its result says: a result that the log tells of, and to whose bytes it
 * is held in the check of results. Hosts that said nothing have none.
 */
function checkFinding(row: Row, { notes }: VerifyContext, complain: Complain): void {
  const said = notes.get<HostOutcomeNote>(['expected_hosts', row.request_id, row.host]);
  // Which was found already; what reports show goes by the outcome.
  if (row.outcome !== (said?.outcome ?? null)) return;
  if (!said?.ownWord) {
    if (row.finding !== null) complain('content', 'reports show a result of it, and it sent none');
    return;
  }
  const attempt = attemptOf(row);
  const result = ['results', row.request_id, row.host, attempt, 0] as const;
  if (row.finding === null || notes.get(result) === undefined)
    return complain('content', 'reports do not show the result that it sent');
  const note: FindingNote = { text: row.finding };
  notes.put(['finding', row.request_id, row.host, attempt], note);
}

/** Of which attempt a row has a finding; 0 where it has none, or one that reports pass over. */
function attemptOf({ finding, outcome }: Row): number {
  try {
    return parseResultSummary(finding, outcome)?.attempt ?? 0;
  } catch {
    return 0;
  }
}
