import type { Clock } from '../../shared/clock/index.ts';
import { digestText, signToken, TOKEN_KINDS } from '../../shared/tokens/index.ts';
import type { ControllerSigner } from './controller-signer.ts';

/** Signs, in the controller's name, that the results with these digests are in its store. */
export type CommittedSigner = (digests: readonly Uint8Array[]) => Promise<string>;

/** The {@link CommittedSigner} of a controller; one signature for up to COMMITTED_LIMIT results. */
export function committedSigner({ name, site, key }: ControllerSigner, clock: Clock): CommittedSigner {
  return digests => {
    const iat = Math.floor(clock.nowMs() / 1000);
    const exp = iat + TOKEN_KINDS.committed.maxAgeS;
    return signToken('committed', { iss: name, site, iat, exp, results: digests.map(digestText) }, key);
  };
}
