import { FarcallError } from '../errors/index.ts';
import { digestText, type SigningKey, sha256, signToken, verifyToken } from '../tokens/index.ts';
import type { Roots, TrustBundle } from './bundle.ts';
import type { DiscountedToken } from './count-approvals.ts';
import { keyringOf } from './keyring.ts';

/** The roots that signed a bundle. */
export interface RootCount {
  /** Names of the roots whose signature counts, sorted. */
  readonly signers: readonly string[];
  readonly discounted: readonly DiscountedToken[];
  /** How many of the roots are needed. */
  readonly threshold: number;
}

/** The exact bytes of a bundle, the site and version in them, and the signatures over them. */
export interface SignedContent {
  readonly site: string;
  readonly bytes: Uint8Array;
  readonly version: number;
  readonly signatures: readonly string[];
}

/** A `trust` token: the signature of the root `name` over the bundle in `bytes`. */
export function signBundle(
  { site, bytes, version }: Omit<SignedContent, 'signatures'>,
  { name, key, nowMs }: { readonly name: string; readonly key: SigningKey; readonly nowMs: number },
): Promise<string> {
  const iat = Math.floor(nowMs / 1000);
  const claims = { iss: name, site, iat, version, sha256: digestText(sha256(bytes)) };
  return signToken('trust', claims, key);
}

/**
 * Counts the roots that signed exactly these bytes.
 *
 * Threats answered (each was a bug of some implementation of The Update Framework): one signature given
 * twice, one key twice, or two keys of one person (counted by person); a signature over other bytes, or over
 * another version, or at another site (all are in the claims, and must agree); a signature of somebody who is
 * no root. A
 * signature that does not verify counts for nothing and invalidates nothing.
 */
export async function countRootSignatures(content: SignedContent, roots: Roots): Promise<RootCount> {
  const { site, bytes, version, signatures } = content;
  const digest = digestText(sha256(bytes));
  const signers = new Set<string>();
  const discounted: DiscountedToken[] = [];
  for (const token of signatures) {
    const verdict = await evaluateSignature(token, { site, digest, roots });
    if ('reason' in verdict) discounted.push(verdict);
    else if (verdict.version !== version)
      discounted.push({ signer: verdict.signer, reason: `is for version ${verdict.version}` });
    else if (signers.has(verdict.signer))
      discounted.push({ signer: verdict.signer, reason: 'signed already' });
    else signers.add(verdict.signer);
  }
  return { signers: [...signers].sort(), discounted, threshold: roots.threshold };
}

/** Who signed these bytes as which version, or why the signature does not count. */
async function evaluateSignature(
  token: string,
  { site, digest, roots }: { readonly site: string; readonly digest: string; readonly roots: Roots },
): Promise<{ signer: string; version: number } | DiscountedToken> {
  try {
    // A signature has no expiry: see the kind `trust`.
    const keyring = keyringOf(roots.members);
    const { claims, signer } = await verifyToken('trust', token, { site, keyring, nowMs: 0 });
    if (claims.sha256 !== digest) return { signer, reason: 'is for other bytes' };
    return { signer, version: claims.version };
  } catch (error) {
    if (error instanceof FarcallError) return { signer: undefined, reason: error.message };
    throw error;
  }
}

/**
 * The version as which enough of `roots` signed these bytes. Throws TRUST_SIGNATURES if they did not.
 *
 * Threat: anyone who can send bytes keeps every host busy parsing them, or exploits a bug in the parser. So
 * only signatures are parsed until enough roots have signed the bytes.
 */
export async function signedVersion(
  { site, bytes, signatures }: Omit<SignedContent, 'version'>,
  roots: Roots,
): Promise<number> {
  const digest = digestText(sha256(bytes));
  const verdicts = await Promise.all(
    signatures.map(token => evaluateSignature(token, { site, digest, roots })),
  );
  // Only somebody with the key of a root can make this more than one.
  const versions = new Set(verdicts.flatMap(verdict => ('version' in verdict ? [verdict.version] : [])));
  let most: RootCount | undefined;
  for (const version of versions) {
    const count = await countRootSignatures({ site, bytes, version, signatures }, roots);
    if (count.signers.length >= count.threshold) return version;
    if (!most || count.signers.length > most.signers.length) most = count;
  }
  throw tooFew(
    'a trust bundle',
    most ?? (await countRootSignatures({ site, bytes, version: 0, signatures }, roots)),
  );
}

/** Throws TRUST_SIGNATURES if too few of its own roots have signed the bundle `version`. */
export function requireThreshold({ version }: Pick<TrustBundle, 'version'>, count: RootCount): void {
  if (count.signers.length >= count.threshold) return;
  throw tooFew(`trust bundle ${version}`, count, ' of its own');
}

function tooFew(what: string, { signers, discounted, threshold }: RootCount, whose = ''): FarcallError {
  const reasons = discounted.map(({ signer, reason }) => `${signer ?? 'one'}: ${reason}`).slice(0, 8);
  const why = reasons.length > 0 ? `; not counted: ${reasons.join('; ')}` : '';
  return new FarcallError(
    'TRUST_SIGNATURES',
    `${what} is signed by ${signers.length} of ${threshold} needed roots${whose}${why}`,
  );
}
