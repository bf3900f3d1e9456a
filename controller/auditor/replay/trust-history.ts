import { isDeepStrictEqual } from 'node:util';
import { FarcallError, reasonOf } from '../../../shared/errors/index.ts';
import type { Keyring, TrustedKey } from '../../../shared/tokens/index.ts';
import {
  evaluateBundle,
  keyringOf,
  type PinnedRoots,
  type TrustBundle,
  type VerifiedBundle,
} from '../../../shared/trust/index.ts';
import type { AuditSource, Schema } from '../../store/index.ts';
import { operatorKeys } from '../../trust/index.ts';
import type { AuditFinding } from './audit-finding.ts';

/** A bundle, and its keys ready for use. */
export interface TrustedVersion {
  readonly bundle: TrustBundle;
  /** Those of its own roots who signed it, sorted. */
  readonly signers: readonly string[];
  /** Whether it has other roots than the one before. */
  readonly changesRoots: boolean;
  readonly approvers: Keyring;
  readonly controllers: Keyring;
  /** Requesters and approvers. */
  readonly operators: Keyring;
}

/** Which keys the controller could trust, by the version of the bundle that its log names. */
export interface TrustHistory {
  /** The site of the auditor's roots. */
  readonly site: string;
  /** Undefined where the store has no such version that the auditor's roots lead to. */
  trustAt(version: number): TrustedVersion | undefined;
  /** The key of a controller in any version, by key id. */
  readonly controllers: Keyring;
  /** The key of a requester or approver in any version, by key id. */
  readonly operators: Keyring;
}

/**
 * The history to which the roots `pinned` lead, through the bundles in the store: each must be signed by the
 * roots of the one before, as on hosts. A bundle that is not is reported, and not trusted for anything.
 *
 * Threat: anyone who can write to the store adds a bundle of their own, by which their approvals count. The
 * auditor brings the roots, and believes of the store only what they signed.
 */
export async function readTrustHistory(
  source: AuditSource,
  pinned: PinnedRoots,
  report: (finding: AuditFinding) => void,
): Promise<TrustHistory> {
  const versions = new Map<number, TrustedVersion>();
  const controllers = new Map<string, TrustedKey>();
  const operators = new Map<string, TrustedKey>();
  let current: VerifiedBundle | undefined;
  let key = '';
  const reportError = (error: unknown): void =>
    report({ kind: 'trust', table: 'trust_bundles', key, problem: reasonOf(error) });
  try {
    for await (const row of source.rows('trust_bundles')) {
      key = String(row.version);
      try {
        const before: VerifiedBundle | undefined = current;
        current = await nextBundle(row, { pinned, current });
        const trusted = trustedVersion(current, before);
        versions.set(current.bundle.version, trusted);
        for (const [kid, known] of trusted.controllers) controllers.set(kid, known);
        for (const [kid, known] of trusted.operators) operators.set(kid, known);
      } catch (error) {
        reportError(error);
      }
    }
  } catch (error) {
    reportError(error);
  }
  return { site: pinned.site, trustAt: version => versions.get(version), controllers, operators };
}

async function nextBundle(
  { version, bundle, signatures }: Schema['trust_bundles'],
  anchor: { readonly pinned: PinnedRoots; readonly current: VerifiedBundle | undefined },
): Promise<VerifiedBundle> {
  const verdict = await evaluateBundle({ bundle, signatures: signaturesIn(signatures) }, anchor);
  if (verdict.effect === 'known') throw new FarcallError('TRUST_INVALID', 'it is the one before, once more');
  const { verified } = verdict;
  if (verified.bundle.version !== version)
    throw new FarcallError('TRUST_INVALID', `the roots signed it as version ${verified.bundle.version}`);
  return verified;
}

function signaturesIn(text: string): string[] {
  const json: unknown = JSON.parse(text);
  if (Array.isArray(json) && json.every(token => typeof token === 'string')) return json;
  throw new FarcallError('TRUST_INVALID', 'its signatures are no list of tokens');
}

function trustedVersion(
  { bundle, signers }: VerifiedBundle,
  before: VerifiedBundle | undefined,
): TrustedVersion {
  return {
    bundle,
    signers,
    changesRoots: !isDeepStrictEqual(before?.bundle.roots, bundle.roots),
    approvers: keyringOf(bundle.approvers),
    controllers: keyringOf(bundle.controllers),
    operators: operatorKeys(bundle).keyring,
  };
}

/**
 * The newest bundle in the store to which the roots `pinned` lead; undefined where there is none. A bundle
 * that is not signed by the roots of the one before is passed over.
 */
export async function newestBundle(
  source: AuditSource,
  pinned: PinnedRoots,
): Promise<TrustBundle | undefined> {
  let current: VerifiedBundle | undefined;
  for await (const row of source.rows('trust_bundles'))
    current = await nextBundle(row, { pinned, current }).catch(() => current);
  return current?.bundle;
}
