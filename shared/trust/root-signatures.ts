import { FarcallError } from '../errors/index.ts';
import { digestText, type SigningKey, sha256, signToken, verifyToken } from '../tokens/index.ts';
import type { Roots, TrustBundle } from './bundle.ts';
import type { DiscountedApproval } from './count-approvals.ts';
import { keyringOf } from './keyring.ts';

/** How the signatures under a bundle stand with some roots. */
export interface RootCount {
  /** Persons whose signature counts, sorted. */
  readonly signers: readonly string[];
  readonly discounted: readonly DiscountedApproval[];
  /** How many of the roots are needed. */
  readonly threshold: number;
}

/** What was signed: exact bytes, and the version that stands in them. */
export interface SignedContent {
  readonly bytes: Uint8Array;
  readonly version: number;
  readonly signatures: readonly string[];
}

/** The signature of the root `name` under the bundle in `bytes`. */
export function signBundle(
  { bytes, version }: Pick<SignedContent, 'bytes' | 'version'>,
  { name, key, nowMs }: { readonly name: string; readonly key: SigningKey; readonly nowMs: number },
): Promise<string> {
  const claims = { iss: name, iat: Math.floor(nowMs / 1000), version, sha256: digestText(sha256(bytes)) };
  return signToken('trust', claims, key);
}

/**
 * Counts the roots who signed exactly these bytes.
 *
 * Threats answered (each was a mistake of some implementation of The Update Framework): one signature given twice, one
 * key twice, or one person's two keys (counted by person); a signature over other bytes, or over another version (both
 * are in the claims, and both must agree); a signature by somebody who is no root. What does not verify is worth nothing
 * and spoils nothing.
 */
export async function countRootSignatures(content: SignedContent, roots: Roots): Promise<RootCount> {
  const signers = new Set<string>();
  const discounted: DiscountedApproval[] = [];
  for (const token of content.signatures) {
    const verdict = await judgeSignature(token, content, roots);
    if ('reason' in verdict) discounted.push(verdict);
    else if (signers.has(verdict.signer))
      discounted.push({ signer: verdict.signer, reason: 'signed already' });
    else signers.add(verdict.signer);
  }
  return { signers: [...signers].sort(), discounted, threshold: roots.threshold };
}

async function judgeSignature(
  token: string,
  { bytes, version }: SignedContent,
  roots: Roots,
): Promise<{ signer: string } | DiscountedApproval> {
  try {
    // The time is not looked at: see the kind `trust`.
    const { claims, signer } = await verifyToken('trust', token, {
      keyring: keyringOf(roots.members),
      nowMs: 0,
    });
    if (claims.version !== version) return { signer, reason: `is for version ${claims.version}` };
    if (claims.sha256 !== digestText(sha256(bytes))) return { signer, reason: 'is for other bytes' };
    return { signer };
  } catch (error) {
    if (error instanceof FarcallError) return { signer: undefined, reason: error.message };
    throw error;
  }
}

/** Throws TRUST_SIGNATURES where `count` is below its threshold; `whose` says of which roots. */
export function requireThreshold(
  { version }: Pick<TrustBundle, 'version'>,
  { signers, discounted, threshold }: RootCount,
  whose: string,
): void {
  if (signers.length >= threshold) return;
  const reasons = discounted.map(({ signer, reason }) => `${signer ?? 'one'}: ${reason}`).slice(0, 8);
  const why = reasons.length > 0 ? `; not counted: ${reasons.join('; ')}` : '';
  throw new FarcallError(
    'TRUST_SIGNATURES',
    `trust bundle ${version} is signed by ${signers.length} of ${threshold} needed ${whose}${why}`,
  );
}
