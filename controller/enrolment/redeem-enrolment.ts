import type { Clock } from '../../shared/clock/index.ts';
import { type EnrolmentReply, type Redemption, redemptionCodec } from '../../shared/messages/index.ts';
import { rootsFileText } from '../../shared/trust/index.ts';
import type { HostCredentials } from '../broker/index.ts';
import type { Logger } from '../log/index.ts';
import { verifyRedemption } from '../redemption/index.ts';
import type { EnrolmentStore } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';
import type { RedemptionLimit } from './redemption-limit.ts';

/** The parts of an enrolment reply that are the same for every host. */
export interface EnrolmentReplyParts {
  readonly natsServers: readonly string[];
  /** PEM; empty if the system's certificates apply. */
  readonly natsCa: Uint8Array;
}

export interface RedeemDeps {
  readonly enrolments: Pick<EnrolmentStore, 'redeem'>;
  readonly hostCredentials: HostCredentials;
  readonly replyParts: EnrolmentReplyParts;
  /** The bundle in force, whose roots a new host gets. */
  readonly trust: TrustSource;
  readonly limit: RedemptionLimit;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Makes a host of a machine that has the token of an open enrolment, and holds the keys that it names.
 *
 * Threat: this is open to anybody who reaches the controller, so it takes little, looks at the form and the
 * signatures first, and is limited. What it gives away (the broker's address, public certificates, public
 * roots) is given to the holder of a token only. The host compares all of it with its enrolment token.
 * Throws RATE_LIMITED, UNAUTHENTICATED, CONFLICT, TRUST_MISSING, TRUST_EXPIRED, and the codes of messages and
 * tokens.
 */
export async function redeemEnrolment(deps: RedeemDeps, redemption: Redemption): Promise<EnrolmentReply> {
  deps.limit();
  const { trust, clock, enrolments, hostCredentials, replyParts, log } = deps;
  const claim = await verifyRedemption(redemption, { site: trust.site, nowMs: clock.nowMs() });
  const roots = Buffer.from(rootsFileText(trust.current()), 'utf8');
  const { host, kid, nkey, labels } = await enrolments.redeem({
    ...claim,
    redemption: redemptionCodec.encode(redemption),
  });
  const { jwt, expiresAtMs } = await hostCredentials.issue(host, nkey);
  log.info({ host, kid, labels, credentialUntil: new Date(expiresAtMs).toISOString() }, 'host enrolled');
  const { natsServers, natsCa } = replyParts;
  return { host, labels, credential: jwt, natsServers: [...natsServers], natsCa, roots };
}
