import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { CLOCK_TOLERANCE_S, TOKEN_KINDS } from '../../shared/tokens/index.ts';
import type { UsedToken, UsedTokenStore } from '../store/index.ts';

/** Throws UNAUTHENTICATED if the token was used before. */
export type ReplayGuard = (token: UsedToken) => Promise<void>;

/**
 * How far the clocks of controllers on one store may be apart. Until then another one could still accept a
 * token.
 */
const CLOCKS_APART_S = 3600;

/**
 * Threat: somebody who saw a token sends it again, to the same controller, to another one, or after a
 * restart. Each token works once: a used one is kept in the store until it is too old for any controller to
 * accept. While the store is away, no token is accepted.
 */
export function replayGuard(usedTokens: UsedTokenStore, clock: Clock): ReplayGuard {
  const keepS = TOKEN_KINDS.operator.maxAgeS + CLOCK_TOLERANCE_S + CLOCKS_APART_S;
  return async token => {
    const forgetBeforeS = Math.floor(clock.nowMs() / 1000) - keepS;
    if (await usedTokens.use(token, forgetBeforeS)) return;
    throw new FarcallError('UNAUTHENTICATED', 'the token of this call was used before');
  };
}
