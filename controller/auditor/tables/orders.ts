import { reasonOf } from '../../../shared/errors/index.ts';
import { callRequestCodec, type OrderEnvelope, orderEnvelopeCodec } from '../../../shared/messages/index.ts';
import { sha256, verifyToken } from '../../../shared/tokens/index.ts';
import { countApprovals, verifyRequester } from '../../../shared/trust/index.ts';
import { ENVELOPE_LIMIT_TOKENS } from '../../dispatch/index.ts';
import { auditDigest, type Schema } from '../../store/index.ts';
import {
  isLogged,
  type ReplayedAttempt,
  type ReplayedOrder,
  type ReplayedRequest,
  type ReplayedWave,
  type ReportFinding,
  type TableCheck,
  type TrustedVersion,
  trustedAt,
  type VerifyContext,
} from '../replay/index.ts';

type Row = Schema['orders'];

/**
 * An order: the envelope is the one that the log records; it is signed by a controller that was trusted
 * then, holds the request's own bytes, its requester's signature and exactly the decisions that the store
 * had; its requester might still request, and the decisions that stood reached the threshold.
 */
export const ordersCheck: TableCheck<Row> = {
  keyOf: ({ id }) => [id],
  recorded: 'every',
  async check(row, context, report) {
    const recorded = context.replay.get<ReplayedOrder>(['orders', row.id]);
    if (!recorded) return;
    checkColumns(row, recorded, report);
    const envelope = decode(row, report);
    const trusted = trustedAt(recorded.trust, context, report);
    if (!envelope || !trusted) return;
    checkDecisionsAreStored(envelope, recorded, report);
    const order = { row, recorded, envelope, trusted };
    await checkOrderToken(order, context, report);
    await checkRequester(order, context, report);
    await checkThreshold(order, report);
  },
};

interface ReadOrder {
  readonly row: Row;
  readonly recorded: ReplayedOrder;
  readonly envelope: OrderEnvelope;
  readonly trusted: TrustedVersion;
}

function checkColumns(row: Row, recorded: ReplayedOrder, report: ReportFinding): void {
  isLogged('its envelope', row.envelope, recorded.envelope, report);
  if (row.request_id !== recorded.requestId || row.attempt !== recorded.attempt || row.wave !== recorded.wave)
    report(
      'content',
      `the audit log says that it is attempt ${recorded.attempt} at wave ${recorded.wave} of request ${recorded.requestId}`,
    );
  if (row.created_at_ms !== recorded.madeMs)
    report('content', 'the audit log says that it was made at another time');
  if (row.published_at_ms !== recorded.publishedMs)
    report('content', 'the audit log says that it was published at another time, or not at all');
}

function decode({ envelope }: Row, report: ReportFinding): OrderEnvelope | undefined {
  try {
    return orderEnvelopeCodec.decode(envelope);
  } catch (error) {
    report('content', `its envelope: ${reasonOf(error)}`);
    return undefined;
  }
}

/** All that the store had, or as many as fit: what stood goes before what was withdrawn. */
function checkDecisionsAreStored(
  envelope: OrderEnvelope,
  recorded: ReplayedOrder,
  report: ReportFinding,
): void {
  const carried = new Set(envelope.approvals.map(auditDigest));
  const known = recorded.decisions.filter(({ token }) => carried.has(token));
  const left = recorded.decisions.filter(({ token }) => !carried.has(token));
  const full = carried.size === ENVELOPE_LIMIT_TOKENS;
  const passedOver = !full && left.length > 0;
  const standingLeft = left.some(({ withdrawn }) => !withdrawn) && known.some(({ withdrawn }) => withdrawn);
  if (known.length !== envelope.approvals.length || passedOver || standingLeft)
    report('content', 'the decisions in its envelope are not those that the store had');
  const withdrawals = known.flatMap(({ withdrawn }) => withdrawn?.withdrawal ?? []);
  if (envelope.withdrawals.map(auditDigest).sort().join() !== withdrawals.sort().join())
    report('content', 'the withdrawals in its envelope are not those that the store had');
}

async function checkOrderToken(
  { row, recorded, envelope, trusted }: ReadOrder,
  { replay }: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  const request = replay.get<ReplayedRequest>(['requests', recorded.requestId]);
  if (auditDigest(envelope.request) !== request?.digest)
    report('content', 'its envelope holds other bytes than those of the request');
  const options = { site: trusted.bundle.site, keyring: trusted.controllers, nowMs: recorded.madeMs };
  try {
    const { claims } = await verifyToken('order', envelope.order, options);
    if (claims.jti !== row.id) report('content', `its token is that of order ${claims.jti}`);
    if (claims.trustVersion !== recorded.trust)
      report('content', `its token names trust bundle ${claims.trustVersion}`);
    if (claims.attempt !== row.attempt) report('content', `its token is for attempt ${claims.attempt}`);
    const wave = replay.get<ReplayedWave>(['waves', recorded.requestId, row.wave]);
    if (claims.wave !== row.wave || claims.slice.from !== wave?.from || claims.slice.to !== wave.to)
      report('content', `its token is for other hosts than those of wave ${row.wave}`);
    const attempt = replay.get<ReplayedAttempt>(['attempts', recorded.requestId, row.attempt]);
    if ((claims.only?.join() ?? '') !== attempt?.only)
      report('content', `its token is for hosts that ended otherwise than attempt ${row.attempt} says`);
    if (!Buffer.from(sha256(envelope.request)).equals(Buffer.from(claims.req, 'base64url')))
      report('content', 'its token is for other bytes than those in its envelope');
  } catch (error) {
    report('signature', reasonOf(error));
  }
}

/** Verified again, as hosts do, by the bundle of that time. */
async function checkRequester(
  { recorded, envelope, trusted: { bundle } }: ReadOrder,
  { replay }: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  const { request: requestBytes, requestToken: token } = envelope;
  const stored = replay.get<ReplayedRequest>(['requests', recorded.requestId]);
  if (auditDigest(token) !== stored?.token)
    report('content', 'its envelope holds another signature of the requester than the request');
  try {
    const request = callRequestCodec.decode(requestBytes);
    await verifyRequester({ token, requestBytes, request, bundle, nowMs: recorded.madeMs });
  } catch (error) {
    report('signature', `its requester: ${reasonOf(error)}`);
  }
}

/** Counted again, as hosts do, on the envelope alone and by the bundle of that time. */
async function checkThreshold(
  { recorded, envelope, trusted }: ReadOrder,
  report: ReportFinding,
): Promise<void> {
  const { bundle } = trusted;
  if (bundle.expiresAtMs <= recorded.madeMs)
    report('trust', `version ${bundle.version} of the trust bundle was past its life by then`);
  try {
    // Hosts and functions of scopes are not looked at: labels and plans may have changed since.
    const { approvers, rejecters, threshold, enough, requesterOutside } = await countApprovals({
      requestBytes: envelope.request,
      request: callRequestCodec.decode(envelope.request),
      approvals: envelope.approvals,
      withdrawals: envelope.withdrawals,
      bundle,
      nowMs: recorded.madeMs,
    });
    for (const rejecter of rejecters) report('threshold', `${rejecter} had rejected it, and that stood`);
    if (requesterOutside !== undefined) report('threshold', `its requester may not ask: ${requesterOutside}`);
    if (!enough) report('threshold', `${approvers.length} approvals count, and ${threshold} were needed`);
  } catch (error) {
    report('threshold', reasonOf(error));
  }
}
