import { FarcallError } from '../../shared/errors/index.ts';
import { CLOCK_TOLERANCE_S, TOKEN_KINDS } from '../../shared/tokens/index.ts';

/** Remembers which operator tokens were used. */
export interface ReplayMemory {
  /** Throws UNAUTHENTICATED where the token was used before. */
  use(token: UsedToken): void;
}

/** What names a token: its id among those of its signer. */
export interface UsedToken {
  readonly signer: string;
  readonly jti: string;
  readonly issuedAtS: number;
}

/**
 * Threat: somebody who saw a token sends it again. Each one works once, and is remembered until it is too old to be
 * accepted anyway. What was used before this process started is forgotten, so a token made before that is refused.
 */
export function createReplayMemory(startedAtMs: number): ReplayMemory {
  const startedAtS = Math.floor(startedAtMs / 1000);
  const keepS = TOKEN_KINDS.operator.maxAgeS + CLOCK_TOLERANCE_S;
  /** Time of issue by token, in the order of use. */
  const used = new Map<string, number>();
  let newestS = startedAtS;
  return {
    use({ signer, jti, issuedAtS }) {
      if (issuedAtS < startedAtS)
        throw new FarcallError(
          'UNAUTHENTICATED',
          'the token of this call is older than the controller process; try again',
        );
      const name = `${signer} ${jti}`;
      if (used.has(name)) throw new FarcallError('UNAUTHENTICATED', 'the token of this call was used before');
      used.set(name, issuedAtS);
      newestS = Math.max(newestS, issuedAtS);
      for (const [old, atS] of used) {
        // Tokens come nearly in the order of their times; a second tolerance covers the rest.
        if (atS + keepS + CLOCK_TOLERANCE_S >= newestS) break;
        used.delete(old);
      }
    },
  };
}
