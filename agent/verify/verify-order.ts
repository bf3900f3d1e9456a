import { FarcallError } from '../../shared/errors/index.ts';
import type { CallRequest } from '../../shared/messages/index.ts';
import { type ApprovalCount, checkFresh, countApprovals } from '../../shared/trust/index.ts';
import type { AttemptKey } from './attempt-key.ts';
import { type AuthenticOrder, type HostTrust, isAuthenticOrder } from './authenticate-order.ts';

/** Not exported: only {@link verifyOrder} can make one, and the private member makes its type nominal. */
class OrderOfApprovers {
  readonly #made = true;
  readonly key: AttemptKey;
  readonly orderId: string;
  readonly request: CallRequest;
  /** Persons whose approval counted, sorted. */
  readonly approvers: readonly string[];

  constructor(order: AuthenticOrder, approvers: readonly string[]) {
    this.key = order.key;
    this.orderId = order.orderId;
    this.request = order.request;
    this.approvers = approvers;
  }

  static made(value: object): boolean {
    return #made in value;
  }
}

/** An order that enough of the persons pinned on this host have approved, and whose time is not over. */
export type VerifiedOrder = OrderOfApprovers;

/** Whether `order` was made by {@link verifyOrder}. */
export function isVerifiedOrder(order: object): boolean {
  return OrderOfApprovers.made(order);
}

/**
 * Decides whether an order may run here as far as people are concerned.
 *
 * Every failure here ends as the outcome `refused`, signed and sent: a pinned controller gave the order to this very
 * host. In the order of the checks:
 *
 * 1. A bundle past its life says nothing any more about who may approve, since keys may have been withdrawn from it:
 *    TRUST_EXPIRED, also where the clock was put back since its end was seen. A clock that stands before the bundle was
 *    made is wrong, and no time can be judged by it: CLOCK_WRONG.
 * 2. A stolen controller key, or one bad approver, must not be able to run anything: approvals of exactly these
 *    bytes are counted on this host's own bundle (see `countApprovals` for what does not count), and too few are
 *    APPROVALS_INSUFFICIENT.
 * 3. Approved long ago and kept back until it does harm: REQUEST_EXPIRED.
 */
export async function verifyOrder(
  order: AuthenticOrder,
  { bundle, bundleIsOver, nowMs }: Pick<HostTrust, 'bundle' | 'bundleIsOver' | 'nowMs'>,
): Promise<VerifiedOrder> {
  if (!isAuthenticOrder(order))
    throw new FarcallError('INTERNAL', 'an order reached verifyOrder unauthenticated');
  checkFresh(bundle, bundleIsOver ? Math.max(nowMs, bundle.expiresAtMs) : nowMs);
  const { request, requestBytes, approvals } = order;
  const count = await countApprovals({ request, requestBytes, approvals, bundle, nowMs });
  if (count.approvers.length < count.threshold) throw tooFew(count);
  checkInTime(order, nowMs);
  return new OrderOfApprovers(order, count.approvers);
}

/** Throws REQUEST_EXPIRED where the request may not be started any more. */
export function checkInTime({ request }: Pick<VerifiedOrder, 'request'>, nowMs: number): void {
  if (nowMs < request.expiresAtMs) return;
  const when = new Date(request.expiresAtMs).toISOString();
  throw new FarcallError('REQUEST_EXPIRED', `the request ${request.id} expired at ${when}`);
}

function tooFew({ approvers, threshold, discounted }: ApprovalCount): FarcallError {
  const reasons = discounted.map(({ signer, reason }) => `${signer ?? 'one'}: ${reason}`).slice(0, 8);
  const why = reasons.length > 0 ? `; not counted: ${reasons.join('; ')}` : '';
  return new FarcallError(
    'APPROVALS_INSUFFICIENT',
    `${approvers.length} of ${threshold} approvals count on this host${why}`,
  );
}
