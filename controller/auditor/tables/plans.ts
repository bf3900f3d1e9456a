import { reasonOf } from '../../../shared/errors/index.ts';
import { type Plan, planCodec, planQueryCodec } from '../../../shared/messages/index.ts';
import { auditDigest, type Schema } from '../../store/index.ts';
import type { ReplayedPlan, VerifiedHostKey } from '../replay/index.ts';
import { parseJson, type ReportFinding, type TableCheck, type VerifyContext } from '../replay/index.ts';

type Row = Schema['plans'];

/**
 * A plan: the one that the log records, and what stands in it as said by hosts is signed by them, as answers
 * to its query.
 */
export const plansCheck: TableCheck<Row> = {
  keyOf: ({ id }) => [id],
  recorded: 'every',
  async check(row, context, report) {
    const recorded = context.replay.get<ReplayedPlan>(['plans', row.id]);
    if (!recorded) return;
    checkColumns(row, recorded, report);
    const plan = decode(row, report);
    if (!plan) return;
    if (plan.expectedHosts !== recorded.hosts || plan.replies.length !== recorded.answered)
      report('content', 'it is about other numbers of hosts than the log says');
    for (const signed of plan.replies) await checkReply({ plan, signed, recorded }, context, report);
  },
};

function checkColumns(row: Row, recorded: ReplayedPlan, report: ReportFinding): void {
  if (auditDigest(row.bytes) !== recorded.digest)
    report('digest', 'its bytes are not those that the log records');
  if (Buffer.from(row.digest).toString('hex') !== auditDigest(row.bytes))
    report('digest', 'its digest is not that of its bytes');
  if (row.made_by !== recorded.madeBy)
    report('content', `the audit log says that it is ${recorded.madeBy}'s`);
  if (row.made_at_ms !== recorded.atMs)
    report('content', 'the audit log says that it was made at another time');
}

function decode(row: Row, report: ReportFinding): Plan | undefined {
  try {
    const plan = planCodec.decode(row.bytes);
    const { id, requester } = planQueryCodec.decode(plan.query);
    if (id !== row.id || requester !== row.made_by) report('content', `it is the plan ${id} of ${requester}`);
    return plan;
  } catch (error) {
    report('content', `its bytes: ${reasonOf(error)}`);
    return undefined;
  }
}

/** How long after a host's key has ended something that it signed may still be under way. */
const OLD_KEY_MS = 60_000;

interface Said {
  readonly plan: Plan;
  readonly signed: Plan['replies'][number];
  readonly recorded: ReplayedPlan;
}

async function checkReply(
  { plan, signed: { reply: bytes, signature }, recorded }: Said,
  { replay, statements, trust: { site } }: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  const part = (at: number): unknown =>
    parseJson(Buffer.from(signature.split('.')[at] ?? '', 'base64url').toString('utf8'));
  const { kid } = { ...(part(0) as { kid?: unknown } | undefined) };
  const { iss: host } = { ...(part(1) as { iss?: unknown } | undefined) };
  const key =
    typeof kid === 'string' && typeof host === 'string'
      ? replay.get<VerifiedHostKey>(['host-key', host, kid])
      : undefined;
  const { atMs } = recorded;
  const counted = key?.times.some(
    ({ fromMs, toMs }) => fromMs <= atMs && (toMs === null || atMs <= toMs + OLD_KEY_MS),
  );
  if (!counted || !key || typeof host !== 'string')
    return report('signature', 'an answer in it is by nobody who was a host');
  const { publicJwk } = key;
  const job = { site, what: 'plan', host, publicJwk, bytes, signature, nowMs: recorded.atMs } as const;
  const { problem, plan: statement } = await statements.check(job);
  if (problem !== undefined) return report('signature', `the answer of ${host}: ${problem}`);
  if (statement?.host !== host || statement.queryDigest !== auditDigest(plan.query))
    report('content', `the answer of ${host} is to another query, or of another host`);
}
