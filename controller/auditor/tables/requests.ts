import { reasonOf } from '../../../shared/errors/index.ts';
import { callRequestCodec } from '../../../shared/messages/index.ts';
import { auditDigest, type Schema } from '../../store/index.ts';
import type {
  ExpectedRowsSum,
  ReplayedRequest,
  ReplaySink,
  ReportFinding,
  TableCheck,
} from '../replay/index.ts';
import { findingReporter } from '../replay/index.ts';

type Row = Schema['requests'];

/**
 * A request: its bytes are those that the log records, its columns say what the bytes say, and its counts
 * add up.
 */
export const requestsCheck: TableCheck<Row> = {
  keyOf: ({ id }) => [id],
  recorded: 'every',
  check(row, context, report) {
    const { replay } = context;
    const recorded = replay.get<ReplayedRequest>(['requests', row.id]);
    if (!recorded) return;
    checkBytes(row, recorded, { replay, report });
    const rows = replay.get<ExpectedRowsSum>(['expected-rows', row.id]);
    if (rows?.digest !== recorded.expected)
      findingReporter(
        context,
        'expected_hosts',
        row.id,
      )('digest', 'its hosts in expected_hosts are not those that were frozen when it was made');
    checkHosts(row, recorded, { rows, report });
    if (row.state !== recorded.state)
      report('state', `it is ${row.state}; the audit log says ${recorded.state}`);
    if (row.settle_at_ms !== recorded.settleAtMs) report('content', 'settle_at_ms is not what the log says');
  },
};

function checkBytes(row: Row, recorded: ReplayedRequest, { replay, report }: ReplaySink): void {
  if (auditDigest(row.bytes) !== recorded.digest)
    report('digest', 'its bytes are not those that the log records');
  if (Buffer.from(row.digest).toString('hex') !== auditDigest(row.bytes))
    report('digest', 'its digest is not that of its bytes');
  const atFirst = recorded.hosts - recorded.joined - recorded.answering;
  try {
    const {
      id,
      requester,
      createdAtMs,
      expiresAtMs,
      planDigest,
      lateJoiners,
      policy,
      expectedHosts = atFirst,
    } = callRequestCodec.decode(row.bytes);
    if (id !== row.id) report('content', `its bytes are those of request ${id}`);
    if (requester !== recorded.requester)
      report(
        'content',
        `its bytes are by ${requester}, and the audit log says that it is ${recorded.requester}'s`,
      );
    if (expectedHosts !== atFirst)
      report(
        'content',
        `its bytes are for ${expectedHosts} hosts; the audit log says that it is for ${atFirst}`,
      );
    if (recorded.joined > 0 && !lateJoiners)
      report('content', `${recorded.joined} hosts joined it, and its bytes do not let any`);
    if (policy === 'emergency' && recorded.ordered.length > 0 && !replay.get(['emergencies', row.id]))
      report('state', 'it is an emergency, and the log does not ask for its review');
    if (planDigest && !replay.get(['plan-digest', Buffer.from(planDigest).toString('hex')]))
      report('content', 'it names a plan that the log does not record');
    if (createdAtMs !== row.created_at_ms) report('content', 'created_at_ms is not what its bytes say');
    if (expiresAtMs !== row.expires_at_ms) report('content', 'expires_at_ms is not what its bytes say');
  } catch (error) {
    report('content', `its bytes: ${reasonOf(error)}`);
  }
}

function checkHosts(
  row: Row,
  recorded: ReplayedRequest,
  { rows, report }: { readonly rows: ExpectedRowsSum | undefined; readonly report: ReportFinding },
): void {
  if (row.expected_hosts !== recorded.hosts || rows?.rows !== recorded.hosts)
    report(
      'state',
      `it expects ${row.expected_hosts} hosts and has ${rows?.rows ?? 0}; the audit log says ${recorded.hosts}`,
    );
  if (row.settled_hosts !== recorded.settled || rows?.settled !== recorded.settled)
    report(
      'state',
      `it counts ${row.settled_hosts} outcomes and has ${rows?.settled ?? 0}; the audit log says ${recorded.settled}`,
    );
}
