import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { CLOCK_TOLERANCE_S, TOKEN_KINDS } from '../../shared/tokens/index.ts';
import type { UsedToken, UsedTokenStore } from '../store/index.ts';

/**
 * Throws UNAUTHENTICATED if the token was used before. `isReading`: whether the call changes nothing.
 */
export type ReplayGuard = (token: UsedToken, isReading: boolean) => Promise<void>;

/**
 * How far the clocks of controllers on one store may be apart. Until then another one could still accept a
 * token.
 */
const CLOCKS_APART_S = 3600;

/** How many used tokens are kept in memory while the store takes none; more calls than that are refused. */
const MEMORY_LIMIT = 10_000;

/**
 * Threat: somebody who saw a token sends it again, to the same controller, to another one, or after a
 * restart. Each token works once: a used one is kept in the store until it is too old for any controller to
 * accept. While the store is away, no token is accepted.
 *
 * While the disk of the store is full, people must still see what their fleet does. So the token of a call
 * that only reads is then kept in the memory of this controller. What is given up is little: a token that was
 * caught can be used again at another controller, or after a restart, within its minute, for the same read.
 * A call that changes something is refused.
 */
export function replayGuard(usedTokens: UsedTokenStore, clock: Clock): ReplayGuard {
  const keepS = TOKEN_KINDS.operator.maxAgeS + CLOCK_TOLERANCE_S + CLOCKS_APART_S;
  const inMemory = new Map<string, number>();
  const usedBefore = (): FarcallError =>
    new FarcallError('UNAUTHENTICATED', 'the token of this call was used before');
  return async (token, isReading) => {
    const forgetBeforeS = Math.floor(clock.nowMs() / 1000) - keepS;
    for (const [key, issuedAtS] of inMemory) if (issuedAtS < forgetBeforeS) inMemory.delete(key);
    const key = JSON.stringify([token.signer, token.jti]);
    if (inMemory.has(key)) throw usedBefore();
    try {
      if (await usedTokens.use(token, forgetBeforeS)) return;
    } catch (error) {
      const isFull = error instanceof FarcallError && error.code === 'STORE_FULL';
      if (!isFull || !isReading || inMemory.size >= MEMORY_LIMIT) throw error;
      const isUsed = await usedTokens.isUsed(token);
      // Another call with the same token may have waited for the store as well.
      if (isUsed || inMemory.has(key)) throw usedBefore();
      inMemory.set(key, token.issuedAtS);
      return;
    }
    throw usedBefore();
  };
}
