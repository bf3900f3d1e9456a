import { FarcallError } from '../errors/index.ts';
import { enrolmentDraftCodec } from '../messages/index.ts';
import { digestText, sha256, verifyToken } from '../tokens/index.ts';
import type { TrustBundle } from './bundle.ts';
import { keyringOf } from './keyring.ts';
import { requireHostInScope } from './scopes.ts';

/** An approver's permission for a new host, and what to verify it with. */
export interface EnrolmentToVerify {
  readonly token: string;
  /** The EnrolmentDraft. */
  readonly draft: Uint8Array;
  readonly bundle: Pick<TrustBundle, 'site' | 'approvers' | 'teams' | 'scopes'>;
  readonly nowMs: number;
}

/**
 * The name of the approver who lets a machine become exactly the host of `draft`.
 *
 * Threats answered: a controller, or somebody who writes its database, makes enrolments in the name of an
 * approver, or gives one other labels (TOKEN_SIGNATURE, TOKEN_CLAIMS); one for another site (SITE_OTHER); one
 * by somebody who may not enrol hosts (TOKEN_KEY_UNKNOWN), or not this one (SCOPE_EXCEEDED).
 */
export async function verifyEnrolment({ token, draft, bundle, nowMs }: EnrolmentToVerify): Promise<string> {
  const options = { site: bundle.site, keyring: keyringOf(bundle.approvers), nowMs };
  const { claims, signer } = await verifyToken('hostEnrolment', token, options);
  if (claims.sha256 !== digestText(sha256(draft)))
    throw new FarcallError('TOKEN_CLAIMS', `the enrolment by ${signer} is of another host or key`);
  requireHostInScope(bundle, signer, enrolmentDraftCodec.decode(draft));
  return signer;
}
