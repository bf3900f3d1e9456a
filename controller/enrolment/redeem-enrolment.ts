import type { Clock } from '../../shared/clock/index.ts';
import type { EnrolmentReply, Redemption } from '../../shared/messages/index.ts';
import type { HostCredentials } from '../broker/index.ts';
import type { Logger } from '../log/index.ts';
import type { EnrolmentStore } from '../store/index.ts';
import type { RedemptionLimit } from './redemption-limit.ts';
import { verifyClaim } from './verify-claim.ts';

/** What new hosts are told. */
export interface EnrolmentReplyParts {
  readonly natsServers: readonly string[];
  /** PEM; empty where the system's own certificates count. */
  readonly natsCa: Uint8Array;
  /** The file of roots, byte for byte; read anew for each host. */
  readonly roots: () => Uint8Array;
}

/** What {@link redeemEnrolment} needs. */
export interface RedeemDeps {
  readonly enrolments: Pick<EnrolmentStore, 'redeem'>;
  readonly hostCredentials: HostCredentials;
  readonly replyParts: EnrolmentReplyParts;
  readonly limit: RedemptionLimit;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Makes a host of whoever has the secret of an open enrolment and holds the keys it names.
 *
 * Threat: this is open to anybody who reaches the controller, so it takes little, looks at the form and the signatures first,
 * and is limited. What it gives away (the broker's address, public certificates, public roots) is given to the holder of a
 * secret only. Throws RATE_LIMITED, UNAUTHENTICATED, CONFLICT, and the codes of messages and tokens.
 */
export async function redeemEnrolment(deps: RedeemDeps, redemption: Redemption): Promise<EnrolmentReply> {
  deps.limit();
  const { clock, enrolments, hostCredentials, replyParts, log } = deps;
  const claim = await verifyClaim(redemption, clock.nowMs());
  const roots = replyParts.roots();
  const { host, kid, nkey, labels } = await enrolments.redeem(claim);
  const { jwt, expiresAtMs } = await hostCredentials.issue(host, nkey);
  log.info({ host, kid, labels, credentialUntil: new Date(expiresAtMs).toISOString() }, 'host enrolled');
  const { natsServers, natsCa } = replyParts;
  return { host, labels, credential: jwt, natsServers: [...natsServers], natsCa, roots };
}
