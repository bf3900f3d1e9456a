import { FarcallError } from '../../shared/errors/index.ts';
import { type CallRequest, callRequestCodec, orderEnvelopeCodec } from '../../shared/messages/index.ts';
import type { Outcome } from '../../shared/outcome/index.ts';
import { digestText, sha256, verifyToken } from '../../shared/tokens/index.ts';
import { keyringOf, type TrustBundle } from '../../shared/trust/index.ts';
import type { AttemptKey } from './attempt-key.ts';
import { type Addressee, checkAddressee } from './check-addressee.ts';
import type { BundleStatements } from './check-newest.ts';

/** This host's own name, labels, trust bundle and clock, against which it checks an order. */
export interface HostTrust extends Addressee {
  /** The newest bundle that this host has accepted. */
  readonly bundle: TrustBundle;
  /** Whether this host has seen it expire, whatever the clock says now. */
  readonly bundleIsOver?: boolean;
  /** What controllers have stated about which bundle is the newest. */
  readonly statements: BundleStatements;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

interface AuthenticFields {
  readonly key: AttemptKey;
  /** `jti` of the order. */
  readonly orderId: string;
  readonly request: CallRequest;
  readonly requestBytes: Uint8Array;
  readonly requestToken: string;
  readonly approvals: readonly string[];
  readonly withdrawals: readonly string[];
  readonly wave: number;
  readonly only: readonly Outcome[] | undefined;
  readonly life: OrderLife;
}

/** When a controller signed an order and when it wants it to run, in seconds since the epoch. */
export interface OrderLife {
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
}

/**
 * Not exported: only {@link authenticateOrder} can make one, and the private member makes its type nominal.
 */
class OrderOfController {
  readonly #made = true;
  readonly key: AttemptKey;
  readonly orderId: string;
  readonly request: CallRequest;
  readonly requestBytes: Uint8Array;
  readonly requestToken: string;
  readonly approvals: readonly string[];
  readonly withdrawals: readonly string[];
  readonly wave: number;
  /**
   * A retry is for hosts whose last outcome is one of these. Undefined for an order that is for hosts without
   * an outcome.
   */
  readonly only: readonly Outcome[] | undefined;
  readonly life: OrderLife;

  constructor(fields: AuthenticFields) {
    this.key = fields.key;
    this.orderId = fields.orderId;
    this.request = fields.request;
    this.requestBytes = fields.requestBytes;
    this.requestToken = fields.requestToken;
    this.approvals = fields.approvals;
    this.withdrawals = fields.withdrawals;
    this.wave = fields.wave;
    this.only = fields.only;
    this.life = fields.life;
  }

  /** Whether `value` was made here; types alone prove nothing at run time. */
  static made(value: object): boolean {
    return #made in value;
  }
}

/**
 * An order that is certain to come from a pinned controller and to be meant for this host. Whether it may run
 * is decided by `verifyOrder`. If anything is wrong with it from here on, this host answers with a signed
 * result, because a controller waits for one.
 */
export type AuthenticOrder = OrderOfController;

/** Whether `order` was made by {@link authenticateOrder}. */
export function isAuthenticOrder(order: object): boolean {
  return OrderOfController.made(order);
}

/**
 * Establishes whom an order is from, and that it is for this host.
 *
 * Every failure here is only counted and logged, never answered. Threat: a hostile broker, or anybody else
 * who can reach the subject, must not be able to make the fleet sign and send results, or fill its journals,
 * with invented envelopes; and a result for an order that was not for this host would be noise to the
 * controller. In the order of the checks:
 *
 * 1. Bytes that are not an envelope, or larger than any envelope: MESSAGE_INVALID.
 * 2. A token that no controller in this host's bundle signed, or that is altered, of another kind, expired or
 *    not yet valid: TOKEN_*; or that is for another site: SITE_OTHER.
 * 3. An order whose approvals were counted with a newer trust bundle than this host has: TRUST_BEHIND. The
 *    newer bundle may lack a person who is still in this host's. The order is not refused for good: this host
 *    asks for the bundle, and then for the order again. An order that names an older bundle is verified with
 *    this host's bundle.
 * 4. A genuine order with the bytes of another request (by the digest): TOKEN_CLAIMS.
 * 5. A request that this agent cannot read, or of another protocol: MESSAGE_INVALID. It is not answered even
 *    though a controller sent it, because without its selector this host cannot know whether it is meant.
 * 6. A selector that cannot be read: SELECTOR_INVALID, for the same reason.
 * 7. An order for other hosts: NOT_SELECTED, which is the normal case in a fleet and no failure; one for a
 *    wave that the signed request does not have: TOKEN_CLAIMS. See `checkAddressee`.
 */
export async function authenticateOrder(
  envelopeBytes: Uint8Array,
  { bundle, nowMs, ...addressee }: HostTrust,
): Promise<AuthenticOrder> {
  const envelope = orderEnvelopeCodec.decode(envelopeBytes);
  const keyring = keyringOf(bundle.controllers);
  const { site } = bundle;
  const { claims } = await verifyToken('order', envelope.order, { site, keyring, nowMs });
  if (claims.trustVersion > bundle.version) {
    throw new FarcallError(
      'TRUST_BEHIND',
      `the order was counted by trust bundle ${claims.trustVersion}, and this host has version ${bundle.version}`,
    );
  }
  const requestDigest = sha256(envelope.request);
  if (claims.req !== digestText(requestDigest))
    throw new FarcallError('TOKEN_CLAIMS', 'the order is for another request than the one in its envelope');
  const request = callRequestCodec.decode(envelope.request);
  checkAddressee(request, { wave: claims.wave, slice: claims.slice, requestDigest }, addressee);
  return new OrderOfController({
    key: { requestDigest, attempt: claims.attempt },
    orderId: claims.jti,
    request,
    requestBytes: envelope.request,
    requestToken: envelope.requestToken,
    approvals: envelope.approvals,
    withdrawals: envelope.withdrawals,
    wave: claims.wave,
    only: claims.only,
    life: { iat: claims.iat, nbf: claims.nbf, exp: claims.exp },
  });
}
