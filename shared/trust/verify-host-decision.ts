import { FarcallError } from '../errors/index.ts';
import { verifyToken } from '../tokens/index.ts';
import type { TrustBundle } from './bundle.ts';
import { keyringOf } from './keyring.ts';
import { requireHostInScope, type ScopedHost } from './scopes.ts';

/** A signature that lets a held host go on, and what to verify it with. */
export interface HostAcceptanceToVerify {
  readonly token: string;
  readonly host: string;
  /** Id of the key with which the host is enrolled. */
  readonly kid: string;
  /** When the host was held. */
  readonly heldMs: number;
  /** The labels with which the host is enrolled. */
  readonly labels: ScopedHost['labels'];
  readonly bundle: Pick<TrustBundle, 'site' | 'approvers' | 'teams' | 'scopes'>;
  readonly nowMs: number;
}

/**
 * Checks that an approver lets exactly this host go on, after exactly this hold; resolves to who, and why.
 *
 * Threats answered: a controller, or somebody with a session of another person, lets a host go on whose disk
 * was put back, and a request runs there twice in the name of a person who did not decide that
 * (TOKEN_SIGNATURE, TOKEN_KEY_UNKNOWN); a decision about another host, an earlier machine of that name or an
 * earlier hold (TOKEN_CLAIMS); one by an approver for other hosts (SCOPE_EXCEEDED); one for another site
 * (SITE_OTHER); one that was kept back (TOKEN_EXPIRED).
 */
export async function verifyHostAcceptance({
  token,
  host,
  kid,
  heldMs,
  labels,
  bundle,
  nowMs,
}: HostAcceptanceToVerify): Promise<{ readonly by: string; readonly reason: string }> {
  const options = { site: bundle.site, keyring: keyringOf(bundle.approvers), nowMs };
  const { claims, signer } = await verifyToken('hostAcceptance', token, options);
  if (claims.host !== host || claims.kid !== kid)
    throw new FarcallError(
      'TOKEN_CLAIMS',
      `${signer} accepts the host ${claims.host} with the key ${claims.kid}, and this is ${host} with ${kid}`,
    );
  if (claims.heldMs !== heldMs)
    throw new FarcallError('TOKEN_CLAIMS', `${signer} accepts ${host} after another hold; look again`);
  requireHostInScope(bundle, signer, { host, labels });
  return { by: signer, reason: claims.reason };
}

/** A signature that revokes an enrolment, and what to verify it with. */
export interface EnrolmentRevocationToVerify {
  readonly token: string;
  /** Id of the enrolment. */
  readonly enrolment: string;
  readonly host: string;
  /** The labels with which the host is enrolled. */
  readonly labels: ScopedHost['labels'];
  readonly bundle: Pick<TrustBundle, 'site' | 'approvers' | 'teams' | 'scopes'>;
  readonly nowMs: number;
}

/**
 * Checks that an approver revokes exactly this enrolment; resolves to who.
 *
 * Threats answered: a controller revokes what an approver allowed in the name of another one
 * (TOKEN_SIGNATURE, TOKEN_KEY_UNKNOWN); a revocation of another enrolment (TOKEN_CLAIMS) or site
 * (SITE_OTHER); one by an approver for other hosts (SCOPE_EXCEEDED).
 */
export async function verifyEnrolmentRevocation({
  token,
  enrolment,
  host,
  labels,
  bundle,
  nowMs,
}: EnrolmentRevocationToVerify): Promise<string> {
  const options = { site: bundle.site, keyring: keyringOf(bundle.approvers), nowMs };
  const { claims, signer } = await verifyToken('enrolmentRevocation', token, options);
  if (claims.enrolment !== enrolment || claims.host !== host)
    throw new FarcallError(
      'TOKEN_CLAIMS',
      `${signer} revokes the enrolment ${claims.enrolment} of ${claims.host}, and this is ${enrolment} of ${host}`,
    );
  requireHostInScope(bundle, signer, { host, labels });
  return signer;
}
