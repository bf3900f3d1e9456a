import { FarcallError } from '../errors/index.ts';
import type { CallRequest } from '../messages/index.ts';
import { digestText, type Keyring, requireSite, sha256, verifyToken } from '../tokens/index.ts';
import type { TrustBundle } from './bundle.ts';
import { keyringOf } from './keyring.ts';

/** An abort, the request that it names, and the trust bundle, by reference. */
export interface AbortToVerify {
  readonly token: string;
  readonly requestBytes: Uint8Array;
  readonly request: Pick<CallRequest, 'id' | 'site' | 'requester' | 'expiresAtMs'>;
  readonly bundle: TrustBundle;
  readonly nowMs: number;
}

/** A valid abort: who signed it, and why. */
export interface VerifiedAbort {
  readonly by: string;
  readonly reason: string;
}

/**
 * Checks that `token` stops exactly these request bytes, and that its signer may: the requester, any
 * approver, or a controller.
 *
 * Threats answered: an abort of other bytes (TOKEN_CLAIMS); one for another site, or of a request of another
 * site (SITE_OTHER); by somebody whom the bundle does not name
 * (TOKEN_KEY_UNKNOWN), or by a requester of another request (FORBIDDEN); one that ends before the request
 * does, after which the request would become valid again (TOKEN_CLAIMS). On purpose, one person is enough to
 * stop a request: the worst that one stolen key can do with it is that nothing happens.
 */
export async function verifyAbort(input: AbortToVerify): Promise<VerifiedAbort> {
  const { token, requestBytes, request, bundle, nowMs } = input;
  requireSite(`request ${request.id}`, request.site, bundle.site);
  const { claims, signer, kid } = await verifyToken('abort', token, {
    site: bundle.site,
    keyring: abortersOf(bundle),
    nowMs,
  });
  if (claims.req !== digestText(sha256(requestBytes)))
    throw new FarcallError('TOKEN_CLAIMS', `the abort by ${signer} is for another request`);
  const anyRequest = keyringOf(bundle.approvers).has(kid) || keyringOf(bundle.controllers).has(kid);
  if (!anyRequest && signer !== request.requester)
    throw new FarcallError(
      'FORBIDDEN',
      `${signer} may not abort request ${request.id}: that takes its requester, an approver or a controller`,
    );
  if (claims.exp * 1000 < request.expiresAtMs)
    throw new FarcallError('TOKEN_CLAIMS', `the abort by ${signer} ends before request ${request.id} does`);
  return { by: signer, reason: claims.reason };
}

function abortersOf({ requesters, approvers, controllers }: TrustBundle): Keyring {
  return new Map([...keyringOf(requesters), ...keyringOf(approvers), ...keyringOf(controllers)]);
}
