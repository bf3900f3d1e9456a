import { reasonOf } from '../../../shared/errors/index.ts';
import { type Plan, planCodec, planQueryCodec } from '../../../shared/messages/index.ts';
import { auditDigest, type Schema } from '../../store/index.ts';
import type { HostKeyNote, PlanNote } from '../replay/index.ts';
import { type Complain, parseJson, type TableCheck, type VerifyContext } from '../replay/index.ts';

type Row = Schema['plans'];

/** A plan: the one that the log tells of, and what stands in it as said by hosts is signed by them, as answers to its query. */
export const plansCheck: TableCheck<Row> = {
  keyOf: ({ id }) => [id],
  told: 'every',
  async check(row, context, complain) {
    const note = context.notes.get<PlanNote>(['plans', row.id]);
    if (!note) return;
    checkColumns(row, note, complain);
    const plan = decode(row, complain);
    if (!plan) return;
    if (plan.expectedHosts !== note.hosts || plan.replies.length !== note.answered)
      complain('content', 'it is about other numbers of hosts than the log says');
    for (const signed of plan.replies) await checkReply({ plan, signed, note }, context, complain);
  },
};

function checkColumns(row: Row, note: PlanNote, complain: Complain): void {
  if (auditDigest(row.bytes) !== note.digest)
    complain('digest', 'its bytes are not those that the log tells of');
  if (Buffer.from(row.digest).toString('hex') !== auditDigest(row.bytes))
    complain('digest', 'its digest is not that of its bytes');
  if (row.made_by !== note.madeBy) complain('content', `by the log it is ${note.madeBy}'s`);
  if (row.made_at_ms !== note.atMs) complain('content', 'it was made at another time, by the log');
}

function decode(row: Row, complain: Complain): Plan | undefined {
  try {
    const plan = planCodec.decode(row.bytes);
    const { id, requester } = planQueryCodec.decode(plan.query);
    if (id !== row.id || requester !== row.made_by)
      complain('content', `it is the plan ${id} of ${requester}`);
    return plan;
  } catch (error) {
    complain('content', `its bytes: ${reasonOf(error)}`);
    return undefined;
  }
}

/** How long after a host's key has ended something that it signed may still be under way. */
const OLD_KEY_MS = 60_000;

interface Said {
  readonly plan: Plan;
  readonly signed: Plan['replies'][number];
  readonly note: PlanNote;
}

async function checkReply(
  { plan, signed: { reply: bytes, signature }, note }: Said,
  { notes, statements }: VerifyContext,
  complain: Complain,
): Promise<void> {
  const part = (at: number): unknown =>
    parseJson(Buffer.from(signature.split('.')[at] ?? '', 'base64url').toString('utf8'));
  const { kid } = { ...(part(0) as { kid?: unknown } | undefined) };
  const { iss: host } = { ...(part(1) as { iss?: unknown } | undefined) };
  const key =
    typeof kid === 'string' && typeof host === 'string'
      ? notes.get<HostKeyNote>(['host-key', host, kid])
      : undefined;
  const { atMs } = note;
  const counted = key?.times.some(
    ({ fromMs, toMs }) => fromMs <= atMs && (toMs === null || atMs <= toMs + OLD_KEY_MS),
  );
  if (!counted || !key || typeof host !== 'string')
    return complain('signature', 'an answer in it is by nobody who was a host');
  const { publicJwk } = key;
  const job = { what: 'plan', host, publicJwk, bytes, signature, nowMs: note.atMs } as const;
  const { problem, plan: said } = await statements.check(job);
  if (problem !== undefined) return complain('signature', `the answer of ${host}: ${problem}`);
  if (said?.host !== host || said.queryDigest !== auditDigest(plan.query))
    complain('content', `the answer of ${host} is to another query, or of another host`);
}
