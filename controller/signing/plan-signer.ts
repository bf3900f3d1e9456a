import type { Clock } from '../../shared/clock/index.ts';
import { digestText, type SigningKey, sha256, signToken, TOKEN_KINDS } from '../../shared/tokens/index.ts';

/** Signs, in the controller's name, a query for a plan. */
export type PlanSigner = (query: Uint8Array) => Promise<string>;

/** The {@link PlanSigner} of the controller `name`. */
export function planSigner(name: string, key: SigningKey, clock: Clock): PlanSigner {
  return query => {
    const iat = Math.floor(clock.nowMs() / 1000);
    const exp = iat + TOKEN_KINDS.plan.maxAgeS;
    return signToken('plan', { iss: name, iat, exp, sha256: digestText(sha256(query)) }, key);
  };
}
