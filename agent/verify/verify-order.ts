import { FarcallError } from '../../shared/errors/index.ts';
import { type CallRequest, LIFETIME_LIMIT_MS } from '../../shared/messages/index.ts';
import { CLOCK_TOLERANCE_S } from '../../shared/tokens/index.ts';
import {
  checkFresh,
  countApprovals,
  requireApproved,
  type ScopedHost,
  type TrustBundle,
  verifyRequester,
} from '../../shared/trust/index.ts';
import type { AttemptKey } from './attempt-key.ts';
import { type AuthenticOrder, type HostTrust, isAuthenticOrder } from './authenticate-order.ts';
import { checkNewest } from './check-newest.ts';

/** The bundle by which approvals were counted, and this host as its scopes see it. */
export interface OrderScope {
  readonly bundle: TrustBundle;
  readonly host: ScopedHost;
}

/** Not exported: only {@link verifyOrder} can make one, and the private member makes its type nominal. */
class OrderOfApprovers {
  readonly #made = true;
  readonly key: AttemptKey;
  readonly orderId: string;
  readonly wave: number;
  readonly request: CallRequest;
  /** The people whose approval counted, sorted by name. */
  readonly approvers: readonly string[];
  /** What scopes are compared with once the program is compiled. */
  readonly scope: OrderScope;

  constructor(order: AuthenticOrder, approvers: readonly string[], scope: OrderScope) {
    this.key = order.key;
    this.orderId = order.orderId;
    this.wave = order.wave;
    this.request = order.request;
    this.approvers = approvers;
    this.scope = scope;
  }

  static made(value: object): boolean {
    return #made in value;
  }
}

/** An order that enough people in this host's trust bundle have approved, and that has not expired. */
export type VerifiedOrder = OrderOfApprovers;

/** Whether `order` was made by {@link verifyOrder}. */
export function isVerifiedOrder(order: object): boolean {
  return OrderOfApprovers.made(order);
}

/**
 * Decides whether people have approved an order for this host. Together with `authenticateOrder`, which
 * establishes whom it is from and for, this is all that an order must pass before the host's own policy is
 * asked.
 *
 * Every failure here ends as the outcome `refused`, signed and sent: a controller that this host obeys gave
 * it the order. In the order of the checks:
 *
 * 1. An expired bundle no longer tells who may approve, since keys may have been removed since:
 *    TRUST_EXPIRED, also if the clock was put back after this host saw it expire. A clock that shows a time
 *    before the bundle was made is wrong, and no time can be compared with it: CLOCK_WRONG.
 * 2. A bundle that was replaced, while the newer one is held back from this host, and with it the removal of
 *    people: TRUST_WITHHELD, TRUST_STALE. See `checkNewest`.
 * 3. A request that was approved long ago and kept back until it does harm: REQUEST_EXPIRED. A request that
 *    lives longer than any may, or that comes from the future, would be a way around that: TOKEN_CLAIMS.
 * 4. A controller that signs orders before or after the life of their request has a wrong clock, or was taken
 *    over: TOKEN_CLAIMS.
 * 5. A request in the name of somebody who did not sign it, or who may not request (any more): TOKEN_*; of
 *    another site: SITE_OTHER. See `verifyRequester`.
 * 6. A stolen controller key, or one bad approver, must not be able to run anything: approvals of exactly
 *    these bytes are counted on this host's own bundle (see `countApprovals` for what does not count, and for
 *    what a controller could leave out); a rejection that was not withdrawn is REQUEST_REJECTED, a request
 *    outside the scope of its requester is SCOPE_EXCEEDED, too few approvals are APPROVALS_INSUFFICIENT.
 *    Scopes are compared with this host's own name and labels here, and with the functions that the program
 *    calls in `permit`.
 *
 * The numbers of attempts and waves give no right to run. The journal is asked before (`Journal.mayTry`)
 * whether another attempt of this request ran here, in any wave, whether this attempt is for a host with this
 * one's last outcome, and whether the request was aborted.
 */
export async function verifyOrder(
  order: AuthenticOrder,
  { bundle, bundleIsOver, statements, nowMs, host, labels }: VerifyingHost,
): Promise<VerifiedOrder> {
  if (!isAuthenticOrder(order))
    throw new FarcallError('INTERNAL', 'an order reached verifyOrder unauthenticated');
  checkFresh(bundle, bundleIsOver ? Math.max(nowMs, bundle.expiresAtMs) : nowMs);
  const { version } = bundle;
  checkNewest(statements, { version, orderedAtMs: order.life.iat * 1000, nowMs });
  checkInTime(order, nowMs);
  checkLife(order, nowMs);
  const { request, requestBytes, requestToken, approvals, withdrawals } = order;
  await verifyRequester({ token: requestToken, requestBytes, request, bundle, nowMs });
  const self = { host, labels };
  const about = { hosts: [self] };
  const count = await countApprovals({ request, requestBytes, approvals, withdrawals, bundle, nowMs, about });
  requireApproved(count, request, 'on this host');
  return new OrderOfApprovers(order, count.approvers, { bundle, host: self });
}

/** The parts of {@link HostTrust} that decide whether an order is approved. */
type VerifyingHost = Pick<HostTrust, 'bundle' | 'bundleIsOver' | 'statements' | 'nowMs' | 'host' | 'labels'>;

/** Throws REQUEST_EXPIRED if the request may no longer be started. */
export function checkInTime({ request }: Pick<VerifiedOrder, 'request'>, nowMs: number): void {
  if (nowMs < request.expiresAtMs) return;
  const when = new Date(request.expiresAtMs).toISOString();
  throw new FarcallError('REQUEST_EXPIRED', `the request ${request.id} expired at ${when}`);
}

/** Throws TOKEN_CLAIMS if the request lives longer than it may, or the order does not lie within its life. */
function checkLife({ request, life }: AuthenticOrder, nowMs: number): void {
  const { id, createdAtMs, expiresAtMs } = request;
  const toleranceMs = CLOCK_TOLERANCE_S * 1000;
  const wrong = (what: string): FarcallError => new FarcallError('TOKEN_CLAIMS', `${what} (request ${id})`);
  if (expiresAtMs - createdAtMs > LIFETIME_LIMIT_MS) throw wrong('the request lives longer than any may');
  if (createdAtMs > nowMs + toleranceMs) throw wrong('the request is from the future; are the clocks right?');
  if (life.nbf * 1000 < createdAtMs - toleranceMs) throw wrong('the order is older than its request');
  if (life.exp * 1000 > expiresAtMs + toleranceMs) throw wrong('the order outlives its request');
}
