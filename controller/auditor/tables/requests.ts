import { reasonOf } from '../../../shared/errors/index.ts';
import { callRequestCodec } from '../../../shared/messages/index.ts';
import { verifyRequester } from '../../../shared/trust/index.ts';
import { auditDigest, type Schema } from '../../store/index.ts';
import {
  type ExpectedRowsSum,
  findingReporter,
  type ReplayedRequest,
  type ReplaySink,
  type ReportFinding,
  type TableCheck,
  trustedAt,
  type VerifyContext,
} from '../replay/index.ts';

type Row = Schema['requests'];

/**
 * A request: its bytes are those that the log records, the person in them signed them and might request then,
 * its columns say what the bytes say, and its counts add up.
 */
export const requestsCheck: TableCheck<Row> = {
  keyOf: ({ id }) => [id],
  recorded: 'every',
  async check(row, context, report) {
    const { replay } = context;
    const recorded = replay.get<ReplayedRequest>(['requests', row.id]);
    if (!recorded) return;
    checkBytes(row, recorded, { replay, report });
    await checkRequester(row, recorded, context, report);
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

/**
 * Threat: a controller, or who writes its database and log, invents a request in somebody's name. Its
 * requester's own signature is kept with it, and is verified by the trust bundle of the time when it was
 * made.
 */
async function checkRequester(
  { bytes: requestBytes, token }: Row,
  recorded: ReplayedRequest,
  context: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  if (auditDigest(token) !== recorded.token)
    return report('digest', 'the signature of its requester is not the one that the log records');
  const trusted = trustedAt(recorded.trust, context, report);
  if (!trusted) return;
  const { bundle } = trusted;
  try {
    const request = callRequestCodec.decode(requestBytes);
    await verifyRequester({ token, requestBytes, request, bundle, nowMs: recorded.madeMs });
  } catch (error) {
    report('signature', reasonOf(error));
  }
}

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
