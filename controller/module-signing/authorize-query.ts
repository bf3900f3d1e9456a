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
import { countApprovals, keyringOf, type TrustBundle } from '../../shared/trust/index.ts';
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
 * REQUEST_REJECTED, REQUEST_EXPIRED.
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
  await checkApproved(order, { record, request, bundle, nowMs });
  return { query, record, request, hostFacts: await checkHostFacts(deps, host, query) };
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
  const { claims } = await verifyToken('order', order, { keyring, nowMs });
  const isFor =
    claims.req === digestText(query.requestDigest) &&
    claims.attempt === query.attempt &&
    claims.jti === query.orderId &&
    inSlice(claims.slice, query.requestDigest, host);
  if (!isFor) throw new FarcallError('SIGNING_REFUSED', `the order ${query.orderId} is not for ${host}`);
}

async function checkApproved(
  { request: requestBytes, approvals, withdrawals }: OrderEnvelope,
  at: {
    readonly record: RequestRecord;
    readonly request: CallRequest;
    readonly bundle: TrustBundle;
    readonly nowMs: number;
  },
): Promise<void> {
  const { record, request, bundle, nowMs } = at;
  if (
    !Buffer.from(sha256(requestBytes)).equals(record.digest) ||
    !Buffer.from(requestBytes).equals(record.bytes)
  )
    throw new FarcallError('SIGNING_REFUSED', `the order of request ${record.id} carries another request`);
  const count = await countApprovals({ requestBytes, request, approvals, withdrawals, bundle, nowMs });
  if (count.rejecters.length > 0)
    throw new FarcallError('REQUEST_REJECTED', `request ${record.id} is rejected`);
  // A module is code in the kernel, whatever its program does: nobody alone, and never without anybody.
  const needed = Math.max(1, count.threshold);
  if (count.approvers.length < needed)
    throw new FarcallError(
      'APPROVALS_INSUFFICIENT',
      `${count.approvers.length} of ${needed} approvals count for a module of request ${record.id}`,
    );
}

/** What a module is for must be the kernel that the host says it runs, in the same words as in its hello. */
async function checkHostFacts(
  { hosts }: AuthorizeQueryDeps,
  host: string,
  query: SignQuery,
): Promise<HostFacts> {
  const record = await hosts.find(host);
  if (!record) throw new FarcallError('NOT_FOUND', `${host} has not said hello yet`);
  const facts = hostFactsCodec.decode(record.facts);
  if (facts.kernelRelease === query.kernelRelease && (facts.signing?.buildId ?? '') === query.buildId)
    return facts;
  throw new FarcallError(
    'SIGNING_REFUSED',
    `${host} asks for a module for ${query.kernelRelease} ${query.buildId}, and said that it runs ${facts.kernelRelease}`,
  );
}
