import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { withLibrary } from '../../shared/library/index.ts';
import { type VerifiedToken, verifyToken } from '../../shared/tokens/index.ts';
import { countApprovals, keyringOf, outsideScope, type TrustBundle } from '../../shared/trust/index.ts';
import { checkEffect, type DeriveEffects } from '../effects/index.ts';
import { selectHosts } from '../requests/index.ts';
import { type ScopeDeps, scopedParts } from '../scopes/index.ts';
import type { ApprovalStore, HostStore, RequestRecord, RequestStore } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';

/** The stores and services that {@link submitApproval} uses. */
export interface SubmitApprovalDeps extends ScopeDeps {
  readonly requests: Pick<RequestStore, 'get' | 'expectedLabels'>;
  readonly approvals: ApprovalStore;
  readonly hosts: Pick<HostStore, 'all'>;
  readonly deriveEffects: DeriveEffects;
  readonly trust: TrustSource;
  readonly clock: Clock;
}

/** An approval, rejection or withdrawal, as an operator submits it. */
export interface Submission {
  readonly requestId: string;
  readonly token: string;
  readonly submittedBy: string;
}

/**
 * Stores an approval that counts, or a rejection. Throws the token's own code if it does not verify
 * (TOKEN_KEY_UNKNOWN, TOKEN_SIGNATURE, TOKEN_EXPIRED, …), and APPROVAL_REFUSED if it is for another request,
 * or by the requester, or by a person who has already decided, and SCOPE_EXCEEDED if the scopes of the person
 * do not cover the request, and EFFECT_EXCEEDED for an approval of a program that does more than the request
 * declares.
 *
 * This check is a service to the approvers. The hosts count again, with their own trust bundle.
 */
export async function submitApproval(deps: SubmitApprovalDeps, submission: Submission): Promise<void> {
  const { requestId, token, submittedBy } = submission;
  const record = await openRequest(deps, requestId);
  const bundle = deps.trust.current();
  const { signer, claims } = await verifiedDecision(deps, record, { token, bundle });
  const { decision, reason = '' } = claims;
  if (decision === 'approve') await checkDeclaredEffect(deps, record);
  await deps.approvals.add({
    ...{ requestId: record.id, approver: signer, decision, reason, token, submittedBy },
    trustVersion: bundle.version,
  });
}

/** The kernels of the hosts may have become known, or others, since the request was made. */
async function checkDeclaredEffect(
  { hosts, deriveEffects }: Pick<SubmitApprovalDeps, 'hosts' | 'deriveEffects'>,
  { request }: RequestRecord,
): Promise<void> {
  const selected = selectHosts(request.selector, await hosts.all());
  const text = withLibrary(request);
  checkEffect(request, (await deriveEffects(text, selected)).effects);
}

/** A request whose life is not over. Throws NOT_FOUND, REQUEST_EXPIRED. */
export async function openRequest(
  { requests, clock }: { readonly requests: Pick<RequestStore, 'get'>; readonly clock: Clock },
  id: string,
): Promise<RequestRecord> {
  const record = await requests.get(id);
  if (record.state === 'expired' || record.expiresAtMs <= clock.nowMs()) {
    const when = new Date(record.expiresAtMs).toISOString();
    throw new FarcallError('REQUEST_EXPIRED', `request ${id} expired at ${when}; ask for it again`);
  }
  return record;
}

async function verifiedDecision(
  deps: SubmitApprovalDeps,
  record: RequestRecord,
  { token, bundle }: { readonly token: string; readonly bundle: TrustBundle },
): Promise<VerifiedToken<'approval'>> {
  const nowMs = deps.clock.nowMs();
  // First alone, for the token's own code; then by the rules that the hosts will count with.
  const keyring = keyringOf(bundle.approvers);
  const verified = await verifyToken('approval', token, { site: bundle.site, keyring, nowMs });
  const { signer, claims } = verified;
  const about = await scopedParts(deps, record, bundle);
  const act = { ...about, request: record.request };
  const outside =
    claims.decision === 'approve' ? outsideScope(bundle, { person: signer, may: 'approve' }, act) : undefined;
  if (outside !== undefined)
    throw new FarcallError('SCOPE_EXCEEDED', `${signer} may not approve request ${record.id}: ${outside}`);
  const { approvers, rejecters, discounted } = await countApprovals({
    requestBytes: record.bytes,
    request: record.request,
    approvals: [token],
    withdrawals: [],
    ...{ bundle, nowMs, about },
  });
  if (approvers.includes(signer) || rejecters.includes(signer)) return verified;
  throw new FarcallError(
    'APPROVAL_REFUSED',
    `the approval by ${signer} does not count: it ${discounted[0]?.reason ?? 'is not valid'}`,
  );
}
