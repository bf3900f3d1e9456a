import { type ExpectedHostsDigest, expectedHostsDigest, type Schema } from '../../../store/index.ts';
import type { Complain, TableCheck, VerifyContext } from '../context.ts';
import type { ExpectedRowsNote, HostOutcomeNote, RequestNote, WaveCountNote } from '../notes.ts';

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
 * rows of a request together are the list that was frozen when it was made (compared in the check of requests).
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
      addRow(sum, row);
      checkOutcome(row, context, complain);
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

function addRow(
  sum: Sum,
  { host, kernel_release: kernelRelease, arch, wave, outcome, unhealthy }: Row,
): void {
  sum.rows += 1;
  sum.settled += outcome === null || outcome === 'unreachable' ? 0 : 1;
  sum.list.add({ host, kernelRelease, arch, wave });
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
  const lastSeq = said?.lastSeq ?? notes.get<RequestNote>(['requests', row.request_id])?.createdSeq;
  if (row.changed_seq !== lastSeq)
    complain(
      'content',
      `changed_seq is ${row.changed_seq}, and the last entry about it is ${lastSeq ?? 'none'}`,
    );
}
