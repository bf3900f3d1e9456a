import type { Clock } from '../../shared/clock/index.ts';
import { digestText, type SigningKey, signToken, TOKEN_KINDS } from '../../shared/tokens/index.ts';

/** Signs, in the controller's name, that the results with these digests are in its store. */
export type CommittedSigner = (digests: readonly Uint8Array[]) => Promise<string>;

/** The {@link CommittedSigner} of the controller `name`; one signature for up to COMMITTED_LIMIT results. */
export function committedSigner(name: string, key: SigningKey, clock: Clock): CommittedSigner {
  return digests => {
    const iat = Math.floor(clock.nowMs() / 1000);
    const exp = iat + TOKEN_KINDS.committed.maxAgeS;
    return signToken('committed', { iss: name, iat, exp, results: digests.map(digestText) }, key);
  };
}
