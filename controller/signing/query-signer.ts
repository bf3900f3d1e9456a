import type { Clock } from '../../shared/clock/index.ts';
import { digestText, sha256, signToken, TOKEN_KINDS } from '../../shared/tokens/index.ts';
import type { ControllerSigner } from './controller-signer.ts';

/** Signs a query of the given kind, as bytes, in the controller's name. */
export type QuerySigner = (kind: 'plan' | 'types', query: Uint8Array) => Promise<string>;

/** The {@link QuerySigner} of a controller. */
export function querySigner({ name, site, key }: ControllerSigner, clock: Clock): QuerySigner {
  return (kind, query) => {
    const iat = Math.floor(clock.nowMs() / 1000);
    const exp = iat + TOKEN_KINDS[kind].maxAgeS;
    return signToken(kind, { iss: name, site, iat, exp, sha256: digestText(sha256(query)) }, key);
  };
}
