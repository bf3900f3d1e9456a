import { FarcallError } from '../../shared/errors/index.ts';
import { digestText, sha256, verifyToken } from '../../shared/tokens/index.ts';
import { checkFresh, keyringOf } from '../../shared/trust/index.ts';
import type { HostTrust } from './authenticate-order.ts';

/** The bytes of a query, and a controller's token over them. */
export interface QueryWithToken {
  readonly query: Uint8Array;
  readonly token: string;
}

/**
 * Establishes that a controller named by this host's own bundle sent exactly these bytes, and returns their
 * digest. `kind` is the token's: a query of one kind never counts as one of another. Throws the token's codes
 * and TRUST_INVALID.
 */
export async function authenticateQuery(
  kind: 'plan' | 'types',
  { query, token }: QueryWithToken,
  { bundle, bundleIsOver, nowMs }: Omit<HostTrust, 'host'>,
): Promise<Uint8Array> {
  checkFresh(bundle, bundleIsOver ? Math.max(nowMs, bundle.expiresAtMs) : nowMs);
  const { site, controllers } = bundle;
  const { claims } = await verifyToken(kind, token, { site, keyring: keyringOf(controllers), nowMs });
  const digest = sha256(query);
  if (claims.sha256 !== digestText(digest))
    throw new FarcallError('TOKEN_CLAIMS', 'the token is for another query than the one in its envelope');
  return digest;
}
