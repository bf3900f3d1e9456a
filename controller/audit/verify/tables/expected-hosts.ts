import { type ExpectedHostsDigest, expectedHostsDigest, type Schema } from '../../../store/index.ts';
import type { Complain, TableCheck, VerifyContext } from '../context.ts';
import type { ExpectedRowsNote, HostOutcomeNote, JoinedNote, RequestNote } from '../notes.ts';

type Row = Schema['expected_hosts'];

interface Sum {
  readonly requestId: string;
  readonly list: ExpectedHostsDigest;
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
        sum = { requestId: row.request_id, list: expectedHostsDigest(), rows: 0, settled: 0 };
      }
      sum.rows += 1;
      sum.settled += row.outcome === null ? 0 : 1;
      const joined = context.notes.get<JoinedNote>(['joined', row.request_id, row.host]);
      if (joined) checkJoined(row, joined, complain);
      else sum.list.add({ host: row.host, kernelRelease: row.kernel_release, arch: row.arch });
      checkOutcome(row, context, complain);
    },
    end(context) {
      noteSum(sum, context);
      sum = undefined;
    },
  };
}

function noteSum(sum: Sum | undefined, { notes }: VerifyContext): void {
  if (!sum) return;
  const { requestId, rows, settled, list } = sum;
  notes.put(['expected-rows', requestId], {
    rows,
    settled,
    digest: list.digest(),
  } satisfies ExpectedRowsNote);
}

function checkJoined(row: Row, { kernelRelease, arch }: JoinedNote, complain: Complain): void {
  const [is, was] = [
    [row.kernel_release, row.arch],
    [kernelRelease, arch],
  ].map(kernel => kernel.join(' '));
  if (is !== was) complain('content', `it joined with the kernel ${was}, by the log`);
}

function checkOutcome(row: Row, { notes }: VerifyContext, complain: Complain): void {
  const said = notes.get<HostOutcomeNote>(['expected_hosts', row.request_id, row.host]);
  if (row.outcome !== (said?.outcome ?? null))
    complain('state', `its outcome is ${row.outcome ?? 'open'}, and by the log ${said?.outcome ?? 'open'}`);
  const joined = notes.get<JoinedNote>(['joined', row.request_id, row.host]);
  const lastSeq =
    said?.lastSeq ?? joined?.seq ?? notes.get<RequestNote>(['requests', row.request_id])?.createdSeq;
  if (row.changed_seq !== lastSeq)
    complain(
      'content',
      `changed_seq is ${row.changed_seq}, and the last entry about it is ${lastSeq ?? 'none'}`,
    );
}
