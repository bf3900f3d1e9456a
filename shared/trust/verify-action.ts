import { FarcallError } from '../errors/index.ts';
import type { RolloutActionName } from '../messages/index.ts';
import type { Outcome } from '../outcome/index.ts';
import { digestText, verifyToken } from '../tokens/index.ts';
import type { TrustBundle } from './bundle.ts';
import { keyringOf } from './keyring.ts';

/** An action on a rollout, and what to verify it with. */
export interface ActionToVerify {
  readonly token: string;
  /** SHA-256 of the bytes of the request. */
  readonly requestDigest: Uint8Array;
  readonly bundle: Pick<TrustBundle, 'site' | 'requesters' | 'approvers'>;
  readonly nowMs: number;
}

/** A valid action: what it is, and who signed it. */
export interface VerifiedAction {
  readonly action: RolloutActionName;
  readonly by: string;
  readonly reason: string;
  /** The newest wave that was ordered when the person looked; 0 in a pause means whichever wave runs. */
  readonly wave: number;
  /** The outcomes of the hosts that try again; empty unless it is a retry. */
  readonly only: readonly Outcome[];
}

/**
 * Checks that a requester or approver wants this action on the rollout of exactly this request.
 *
 * Threats answered: an action in somebody's name that they did not sign, by a controller or by anybody who
 * has their session (TOKEN_SIGNATURE, TOKEN_KEY_UNKNOWN); one that was signed for another request
 * (TOKEN_CLAIMS) or site (SITE_OTHER); one that was kept back and comes later (TOKEN_EXPIRED). That it comes
 * once, and not after another wave has begun, is for the store and the rollout to see.
 */
export async function verifyAction({
  token,
  requestDigest,
  bundle,
  nowMs,
}: ActionToVerify): Promise<VerifiedAction> {
  const keyring = new Map([...keyringOf(bundle.requesters), ...keyringOf(bundle.approvers)]);
  const { claims, signer } = await verifyToken('action', token, { site: bundle.site, keyring, nowMs });
  const { req, action, reason, wave, only = [] } = claims;
  if (req !== digestText(requestDigest))
    throw new FarcallError('TOKEN_CLAIMS', `the action by ${signer} is on another request`);
  if ((action === 'retry') !== only.length > 0)
    throw new FarcallError(
      'TOKEN_CLAIMS',
      `the action by ${signer} names hosts, and is no retry, or names none`,
    );
  return { action, by: signer, reason, wave, only };
}
