import type { Clock } from '../../shared/clock/index.ts';
import { digestText, type SigningKey, sha256, signToken, TOKEN_KINDS } from '../../shared/tokens/index.ts';

/** Signs a query of the given kind, as bytes, in the controller's name. */
export type QuerySigner = (kind: 'plan' | 'types', query: Uint8Array) => Promise<string>;

/** The {@link QuerySigner} of the controller `name`. */
export function querySigner(name: string, key: SigningKey, clock: Clock): QuerySigner {
  return (kind, query) => {
    const iat = Math.floor(clock.nowMs() / 1000);
    const exp = iat + TOKEN_KINDS[kind].maxAgeS;
    return signToken(kind, { iss: name, iat, exp, sha256: digestText(sha256(query)) }, key);
  };
}
