import type { Metadata } from '@grpc/grpc-js';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { verifyToken } from '../../shared/tokens/index.ts';
import type { OperatorMethodName } from '../rpc/index.ts';
import { type OperatorRole, operatorKeys, type TrustSource } from '../trust/index.ts';
import { PERMISSIONS } from './permissions.ts';
import { createReplayMemory } from './replay-memory.ts';

/** Who calls, once that is established. */
export interface Caller {
  readonly name: string;
  readonly roles: ReadonlySet<OperatorRole>;
}

/** Establishes who calls a method and that he may. */
export type Authenticator = (method: OperatorMethodName, metadata: Metadata) => Promise<Caller>;

/**
 * The one way into the operator API; every method passes it before a byte of its request is decoded.
 *
 * Threats: a caller without a key in the trust bundle, a token of another kind, an old one (verifyToken); a token sent a
 * second time (replay memory); somebody with one role doing what needs another (permission table, which also says what
 * anybody may do: those callers stay without a name). Nothing of the
 * caller's own words about himself is believed but what his key signed. Throws UNAUTHENTICATED, FORBIDDEN or the token's
 * own code.
 */
export function authenticator(trust: TrustSource, clock: Clock): Authenticator {
  const replays = createReplayMemory(clock.nowMs());
  return async (method, metadata) => {
    const allowed = PERMISSIONS[method];
    if (allowed === 'anybody') return { name: 'anybody', roles: new Set() };
    const { keyring, rolesOf } = operatorKeys(trust.current());
    const token = bearerToken(metadata);
    const { claims, signer, kid } = await verifyToken('operator', token, { keyring, nowMs: clock.nowMs() });
    replays.use({ signer, jti: claims.jti, issuedAtS: claims.iat });
    const roles = rolesOf(kid);
    if (!allowed.some(role => roles.has(role)))
      throw new FarcallError(
        'FORBIDDEN',
        `${signer} may not do this: it takes the role ${allowed.join(' or ')} in the trust bundle`,
      );
    return { name: signer, roles };
  };
}

function bearerToken(metadata: Metadata): string {
  const [value, second] = metadata.get('authorization');
  const token = typeof value === 'string' && /^Bearer (\S+)$/.exec(value)?.[1];
  if (!token || second !== undefined)
    throw new FarcallError('UNAUTHENTICATED', 'the call carries no operator token');
  return token;
}
