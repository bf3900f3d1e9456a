import { reasonOf } from '../../../shared/errors/index.ts';
import { callRequestCodec, type OrderEnvelope, orderEnvelopeCodec } from '../../../shared/messages/index.ts';
import { sha256, verifyToken } from '../../../shared/tokens/index.ts';
import { countApprovals } from '../../../shared/trust/index.ts';
import { ENVELOPE_LIMIT_TOKENS } from '../../dispatch/index.ts';
import { auditDigest, type Schema } from '../../store/index.ts';
import type {
  AttemptNote,
  Complain,
  OrderNote,
  RequestNote,
  TableCheck,
  TrustedVersion,
  VerifyContext,
  WaveNote,
} from '../replay/index.ts';

type Row = Schema['orders'];

/**
 * An order: the envelope is the one that the log tells of; it is signed by a controller that was trusted then, holds the
 * request's own bytes and exactly the decisions that the store had, and those that stood reached the threshold.
 */
export const ordersCheck: TableCheck<Row> = {
  keyOf: ({ id }) => [id],
  told: 'every',
  async check(row, context, complain) {
    const note = context.notes.get<OrderNote>(['orders', row.id]);
    if (!note) return;
    checkColumns(row, note, complain);
    const envelope = decode(row, complain);
    const trusted = context.trust.trustAt(note.trust);
    if (!trusted)
      complain(
        'trust',
        `it was made by version ${note.trust} of the trust bundle, to which the roots do not lead`,
      );
    if (!envelope || !trusted) return;
    checkDecisionsAreStored(envelope, note, complain);
    const order = { row, note, envelope, trusted };
    await checkOrderToken(order, context, complain);
    await checkThreshold(order, complain);
  },
};

interface ReadOrder {
  readonly row: Row;
  readonly note: OrderNote;
  readonly envelope: OrderEnvelope;
  readonly trusted: TrustedVersion;
}

function checkColumns(row: Row, note: OrderNote, complain: Complain): void {
  if (auditDigest(row.envelope) !== note.envelope)
    complain('digest', 'its envelope is not the one that the log tells of');
  if (row.request_id !== note.requestId || row.attempt !== note.attempt || row.wave !== note.wave)
    complain(
      'content',
      `by the log it is attempt ${note.attempt} at wave ${note.wave} of request ${note.requestId}`,
    );
  if (row.created_at_ms !== note.madeMs) complain('content', 'it was made at another time, by the log');
  if (row.published_at_ms !== note.publishedMs)
    complain('content', 'it was published at another time, by the log, or not at all');
}

function decode({ envelope }: Row, complain: Complain): OrderEnvelope | undefined {
  try {
    return orderEnvelopeCodec.decode(envelope);
  } catch (error) {
    complain('content', `its envelope: ${reasonOf(error)}`);
    return undefined;
  }
}

/** All that the store had, or as many as fit: what stood goes before what was taken back. */
function checkDecisionsAreStored(envelope: OrderEnvelope, note: OrderNote, complain: Complain): void {
  const carried = new Set(envelope.approvals.map(auditDigest));
  const known = note.decisions.filter(({ token }) => carried.has(token));
  const left = note.decisions.filter(({ token }) => !carried.has(token));
  const full = carried.size === ENVELOPE_LIMIT_TOKENS;
  const passedOver = !full && left.length > 0;
  const standingLeft = left.some(({ withdrawn }) => !withdrawn) && known.some(({ withdrawn }) => withdrawn);
  if (known.length !== envelope.approvals.length || passedOver || standingLeft)
    complain('content', 'the decisions in its envelope are not those that the store had');
  const withdrawals = known.flatMap(({ withdrawn }) => withdrawn?.withdrawal ?? []);
  if (envelope.withdrawals.map(auditDigest).sort().join() !== withdrawals.sort().join())
    complain('content', 'the withdrawals in its envelope are not those that the store had');
}

async function checkOrderToken(
  { row, note, envelope, trusted }: ReadOrder,
  { notes }: VerifyContext,
  complain: Complain,
): Promise<void> {
  const request = notes.get<RequestNote>(['requests', note.requestId]);
  if (auditDigest(envelope.request) !== request?.digest)
    complain('content', 'its envelope holds other bytes than those of the request');
  const options = { keyring: trusted.controllers, nowMs: note.madeMs };
  try {
    const { claims } = await verifyToken('order', envelope.order, options);
    if (claims.jti !== row.id) complain('content', `its token is that of order ${claims.jti}`);
    if (claims.trustVersion !== note.trust)
      complain('content', `its token names trust bundle ${claims.trustVersion}`);
    if (claims.attempt !== row.attempt) complain('content', `its token is for attempt ${claims.attempt}`);
    const wave = notes.get<WaveNote>(['waves', note.requestId, row.wave]);
    if (claims.wave !== row.wave || claims.slice.from !== wave?.from || claims.slice.to !== wave.to)
      complain('content', `its token is for other hosts than those of wave ${row.wave}`);
    const attempt = notes.get<AttemptNote>(['attempts', note.requestId, row.attempt]);
    if ((claims.only?.join() ?? '') !== attempt?.only)
      complain('content', `its token is for hosts that ended otherwise than attempt ${row.attempt} says`);
    if (!Buffer.from(sha256(envelope.request)).equals(Buffer.from(claims.req, 'base64url')))
      complain('content', 'its token is for other bytes than those in its envelope');
  } catch (error) {
    complain('signature', reasonOf(error));
  }
}

/** Counted anew, as hosts do, on the envelope alone and by the bundle of that time. */
async function checkThreshold({ note, envelope, trusted }: ReadOrder, complain: Complain): Promise<void> {
  const { bundle } = trusted;
  if (bundle.expiresAtMs <= note.madeMs)
    complain('trust', `version ${bundle.version} of the trust bundle was past its life by then`);
  try {
    const { approvers, rejecters, threshold } = await countApprovals({
      requestBytes: envelope.request,
      request: callRequestCodec.decode(envelope.request),
      approvals: envelope.approvals,
      withdrawals: envelope.withdrawals,
      bundle,
      nowMs: note.madeMs,
    });
    for (const rejecter of rejecters) complain('threshold', `${rejecter} had rejected it, and that stood`);
    if (approvers.length < threshold)
      complain('threshold', `${approvers.length} approvals count, and ${threshold} were needed`);
  } catch (error) {
    complain('threshold', reasonOf(error));
  }
}
