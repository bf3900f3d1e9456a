import type { Metadata } from '@grpc/grpc-js';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { digestText, sha256, type TokenClaims, verifyToken } from '../../shared/tokens/index.ts';
import { OPERATOR_METHODS, type OperatorMethodName } from '../rpc/index.ts';
import type { UsedTokenStore } from '../store/index.ts';
import { type OperatorRole, operatorKeys, type TrustSource } from '../trust/index.ts';
import { PERMISSIONS, READING, WITHOUT_FRESH_TRUST } from './permissions.ts';
import { replayGuard } from './replay-guard.ts';

/** An authenticated caller. */
export interface Caller {
  readonly name: string;
  readonly roles: ReadonlySet<OperatorRole>;
  /** The key that the caller used; empty for callers without a name. */
  readonly kid: string;
}

/** The stores and services that {@link authenticator} uses. */
export interface AuthenticatorDeps {
  readonly trust: TrustSource;
  readonly usedTokens: UsedTokenStore;
  readonly clock: Clock;
}

/** Establishes who calls a method, and that they may call it. */
export type Authenticator = (
  method: OperatorMethodName,
  metadata: Metadata,
  requestBytes: Uint8Array,
) => Promise<Caller>;

/**
 * The one way into the operator API; every method passes it before a byte of its request is decoded.
 *
 * Threats: a caller without a key in the trust bundle, a token of another kind, an old one (verifyToken); a
 * token sent a second time (replay memory); a token that was caught and sent with another method or request
 * than its owner signed, here or at another controller (method and digest); a token that was sent to another
 * site (site); somebody with one role doing what
 * needs another (permission table, which also says what anybody may do: those callers stay without a name).
 * Of what callers say about themselves, only what their key signed is believed. Throws
 * UNAUTHENTICATED, FORBIDDEN or the token's own code.
 */
export function authenticator({ trust, usedTokens, clock }: AuthenticatorDeps): Authenticator {
  const useOnce = replayGuard(usedTokens, clock);
  return async (method, metadata, requestBytes) => {
    const allowed = PERMISSIONS[method];
    if (allowed === 'anybody') return { name: 'anybody', roles: new Set(), kid: '' };
    const { keyring, rolesOf } = operatorKeys(
      WITHOUT_FRESH_TRUST.has(method) ? trust.lasting() : trust.current(),
    );
    const { site } = trust;
    const token = bearerToken(metadata);
    const { claims, signer, kid } = await verifyToken('operator', token, {
      site,
      keyring,
      nowMs: clock.nowMs(),
    });
    checkPurpose(claims, method, requestBytes);
    await useOnce({ signer, jti: claims.jti, issuedAtS: claims.iat }, READING.has(method));
    const roles = rolesOf(kid);
    if (!allowed.some(role => roles.has(role)))
      throw new FarcallError(
        'FORBIDDEN',
        `${signer} may not do this: it takes the role ${allowed.join(' or ')} in the trust bundle`,
      );
    return { name: signer, roles, kid };
  };
}

function checkPurpose(
  { method, sha256: digest }: TokenClaims<'operator'>,
  called: OperatorMethodName,
  requestBytes: Uint8Array,
): void {
  if (method === OPERATOR_METHODS[called].path && digest === digestText(sha256(requestBytes))) return;
  throw new FarcallError('TOKEN_CLAIMS', 'the token of this call was made for another method or request');
}

function bearerToken(metadata: Metadata): string {
  const [value, second] = metadata.get('authorization');
  const token = typeof value === 'string' && /^Bearer (\S+)$/.exec(value)?.[1];
  if (!token || second !== undefined)
    throw new FarcallError('UNAUTHENTICATED', 'the call carries no operator token');
  return token;
}
