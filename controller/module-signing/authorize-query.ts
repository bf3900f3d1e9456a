import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import {
  type CallRequest,
  type HostFacts,
  hostFactsCodec,
  type OrderEnvelope,
  orderEnvelopeCodec,
  type SignQuery,
} from '../../shared/messages/index.ts';
import { inSlice } from '../../shared/targets/index.ts';
import { digestText, sha256, verifyToken } from '../../shared/tokens/index.ts';
import {
  countApprovals,
  keyringOf,
  requireApproved,
  type ScopedHost,
  type TrustBundle,
  verifyRequester,
} from '../../shared/trust/index.ts';
import type { HostStore, OrderStore, RequestRecord, RequestStore } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';

export interface AuthorizeQueryDeps {
  readonly requests: Pick<RequestStore, 'findByDigest'>;
  readonly orders: Pick<OrderStore, 'findOwed'>;
  readonly hosts: Pick<HostStore, 'find'>;
  readonly trust: TrustSource;
  readonly clock: Clock;
}

/** A query that its host may make: the request is approved, ordered for it, and neither over nor answered. */
export interface AuthorizedQuery {
  readonly query: SignQuery;
  readonly record: RequestRecord;
  readonly request: CallRequest;
  /** The facts of the last hello of the host. */
  readonly hostFacts: HostFacts;
  /** What was approved, to be counted again when it is known what the program calls. */
  readonly approved: ApprovedEnvelope;
}

/** The envelope of an order, and what its approvals are counted by. */
interface ApprovedEnvelope {
  readonly envelope: OrderEnvelope;
  readonly record: RequestRecord;
  readonly request: CallRequest;
  readonly bundle: TrustBundle;
  /** The host that asks, with the labels of its enrolment. */
  readonly host: ScopedHost;
  readonly nowMs: number;
}

/**
 * Whether `host` may have a module signed for what it names. The store is asked first, and then everything
 * that a host would check is checked again on the envelope that went out, so that a store that somebody wrote
 * into signs nothing either.
 *
 * Threats: another host's order (this very host must owe an answer on it, by name, wave, attempt and
 * outcome); a request that nobody approved, or whose approval was taken back (approvals are counted again, by
 * the trust bundle of this moment); one that was aborted, is past its life, or that the host has answered
 * already (then nothing is open). Throws NOT_FOUND, SIGNING_REFUSED, APPROVALS_INSUFFICIENT,
 * SCOPE_EXCEEDED, REQUEST_REJECTED, REQUEST_EXPIRED.
 */
export async function authorizeQuery(
  deps: AuthorizeQueryDeps,
  host: string,
  query: SignQuery,
): Promise<AuthorizedQuery> {
  const record = await deps.requests.findByDigest(query.requestDigest);
  if (!record) throw new FarcallError('NOT_FOUND', 'there is no request with this digest');
  const nowMs = deps.clock.nowMs();
  if (nowMs >= record.expiresAtMs)
    throw new FarcallError('REQUEST_EXPIRED', `request ${record.id} has expired`);
  const order = await openOrder(deps, host, { query, record, nowMs });
  const { request } = record;
  const bundle = deps.trust.current();
  await checkOrder(order, { host, query, bundle, nowMs });
  const { hostFacts, labels } = await checkHostFacts(deps, host, query);
  const approved = { envelope: order, record, request, bundle, host: { host, labels }, nowMs };
  await requireApprovedModule(approved);
  return { query, record, request, hostFacts, approved };
}

interface QueryContext {
  readonly query: SignQuery;
  readonly record: RequestRecord;
  readonly nowMs: number;
}

async function openOrder(
  { orders }: AuthorizeQueryDeps,
  host: string,
  { query, record, nowMs }: QueryContext,
): Promise<OrderEnvelope> {
  const order = await orders.findOwed(query.orderId, host, nowMs);
  if (order?.requestId === record.id && order.attempt === query.attempt)
    return orderEnvelopeCodec.decode(order.envelope);
  throw new FarcallError(
    'SIGNING_REFUSED',
    `${host} has no open order ${query.orderId} for attempt ${query.attempt} at request ${record.id}`,
  );
}

interface OrderContext {
  readonly host: string;
  readonly query: SignQuery;
  readonly bundle: TrustBundle;
  readonly nowMs: number;
}

async function checkOrder(
  { order }: OrderEnvelope,
  { host, query, bundle, nowMs }: OrderContext,
): Promise<void> {
  const keyring = keyringOf(bundle.controllers);
  const { claims } = await verifyToken('order', order, { site: bundle.site, keyring, nowMs });
  const isFor =
    claims.req === digestText(query.requestDigest) &&
    claims.attempt === query.attempt &&
    claims.jti === query.orderId &&
    inSlice(claims.slice, query.requestDigest, host);
  if (!isFor) throw new FarcallError('SIGNING_REFUSED', `the order ${query.orderId} is not for ${host}`);
}

/**
 * Counts the approvals of the envelope that went out. `callees`, once they are known, are compared with the
 * scopes of requester and approvers, as hosts do; the requester must have signed the request. Throws
 * SIGNING_REFUSED, TOKEN_*, REQUEST_REJECTED, SCOPE_EXCEEDED,
 * APPROVALS_INSUFFICIENT.
 */
export async function requireApprovedModule(
  { envelope, record, request, bundle, host, nowMs }: ApprovedEnvelope,
  callees?: readonly string[],
): Promise<void> {
  const { request: requestBytes, requestToken, approvals, withdrawals } = envelope;
  if (
    !Buffer.from(sha256(requestBytes)).equals(record.digest) ||
    !Buffer.from(requestBytes).equals(record.bytes)
  )
    throw new FarcallError('SIGNING_REFUSED', `the order of request ${record.id} carries another request`);
  await verifyRequester({ token: requestToken, requestBytes, request, bundle, nowMs });
  const count = await countApprovals({
    ...{ requestBytes, request, approvals, withdrawals, bundle, nowMs },
    about: { hosts: [host], ...(callees && { callees }) },
    // A module is code in the kernel, whatever its program does: nobody alone, and never without anybody.
    least: 1,
  });
  requireApproved(count, request, `for a module of request ${record.id}`);
}

/** What a module is for must be the kernel that the host says it runs, in the same words as in its hello. */
async function checkHostFacts(
  { hosts }: AuthorizeQueryDeps,
  host: string,
  query: SignQuery,
): Promise<{ readonly hostFacts: HostFacts; readonly labels: ScopedHost['labels'] }> {
  const record = await hosts.find(host);
  if (!record) throw new FarcallError('NOT_FOUND', `${host} has not said hello yet`);
  const facts = hostFactsCodec.decode(record.facts);
  if (facts.kernelRelease === query.kernelRelease && (facts.signing?.buildId ?? '') === query.buildId)
    return { hostFacts: facts, labels: record.labels };
  throw new FarcallError(
    'SIGNING_REFUSED',
    `${host} asks for a module for ${query.kernelRelease} ${query.buildId}, and said that it runs ${facts.kernelRelease}`,
  );
}
