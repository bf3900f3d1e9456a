import { FarcallError } from '../errors/index.ts';
import type { CallRequest } from '../messages/index.ts';
import { digestText, requireSite, sha256, verifyToken } from '../tokens/index.ts';
import type { TrustBundle } from './bundle.ts';
import { keyringOf } from './keyring.ts';

/** A request, its requester's token, and the trust bundle, by reference. */
export interface RequestToVerify {
  /** The farcall-request+jwt that came with the request. */
  readonly token: string;
  readonly requestBytes: Uint8Array;
  readonly request: Pick<CallRequest, 'id' | 'site' | 'requester' | 'expiresAtMs'>;
  readonly bundle: TrustBundle;
  readonly nowMs: number;
}

/**
 * Checks that the person whom the request names as its requester signed exactly these bytes, and may request.
 *
 * Threat: a controller that was taken over writes a request in another person's name, or in a name that
 * nobody has. Then the true author's own approval counts, and the scopes of the other person apply. So the
 * signature must be by a requester of the bundle (TOKEN_KEY_UNKNOWN), for this site (SITE_OTHER), over these
 * bytes, in the name that they contain, and it must hold for as long as the request does (TOKEN_CLAIMS).
 * Approvals by the requester do not count: see `countApprovals`.
 */
export async function verifyRequester(input: RequestToVerify): Promise<void> {
  const { token, requestBytes, request, bundle, nowMs } = input;
  const { id, site, requester, expiresAtMs } = request;
  requireSite(`request ${id}`, site, bundle.site);
  const keyring = keyringOf(bundle.requesters);
  const { claims, signer } = await verifyToken('request', token, { site: bundle.site, keyring, nowMs });
  const wrong = (what: string): FarcallError => new FarcallError('TOKEN_CLAIMS', what);
  if (claims.req !== digestText(sha256(requestBytes)))
    throw wrong(`${signer} signed another request than ${id}`);
  if (signer !== requester) throw wrong(`request ${id} names ${requester}, and ${signer} signed it`);
  if (claims.exp * 1000 < expiresAtMs) throw wrong(`${signer}'s signature ends before request ${id} does`);
}
