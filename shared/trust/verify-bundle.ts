import { z } from 'zod';
import { FarcallError } from '../errors/index.ts';
import type { SignedBundle } from '../messages/index.ts';
import { digestText, requireSite, sha256 } from '../tokens/index.ts';
import { decodeTrustBundle, type PinnedRoots, type TrustBundle } from './bundle.ts';
import {
  countRootSignatures,
  requireThreshold,
  type SignedContent,
  signedVersion,
} from './root-signatures.ts';

/** Not exported: only this file can make one, and the private member makes its type nominal. */
class BundleOfRoots {
  readonly #made = true;
  readonly bundle: TrustBundle;
  /** The exact bytes and signatures that were received. */
  readonly signed: SignedBundle;
  /** SHA-256 of the bytes. */
  readonly digest: Uint8Array;
  /** Names of its own roots that signed it, sorted. */
  readonly signers: readonly string[];

  constructor(bundle: TrustBundle, signed: SignedBundle, signers: readonly string[]) {
    this.bundle = bundle;
    this.signed = signed;
    this.digest = sha256(signed.bundle);
    this.signers = signers;
  }

  static made(value: object): boolean {
    return #made in value;
  }
}

/** A trust bundle that enough roots have signed. */
export type VerifiedBundle = BundleOfRoots;

/**
 * Whether `bundle` was verified in this file. Types do not exist at run time, so a store asks before it
 * writes.
 */
export function isVerifiedBundle(bundle: object): boolean {
  return BundleOfRoots.made(bundle);
}

/**
 * What a new bundle is compared with: the pinned site and the bundle in force, or at first the pinned roots.
 */
export interface TrustAnchor {
  /**
   * The file of roots in the configuration. Its site stays; its roots count as long as there is no bundle.
   */
  readonly pinned: PinnedRoots;
  readonly current: VerifiedBundle | undefined;
  /** The bundle that this machine was told is the newest, before it had one; undefined if it was not told. */
  readonly least?: LeastBundle | undefined;
}

/** The oldest trust bundle that a machine accepts. */
export interface LeastBundle {
  readonly version: number;
  /** SHA-256 of the bundle's bytes, in base64url. */
  readonly digest: string;
}

/** Schema of {@link LeastBundle} in a file or token. */
export const leastBundleSchema = z.strictObject({
  version: z
    .int()
    .min(1)
    .max(2 ** 31 - 1),
  digest: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'a SHA-256 digest in base64url'),
});

/** `known`: the bundle is the one in force. `newer`: it must be stored before it takes effect. */
export type BundleVerdict =
  | { readonly effect: 'known' }
  | { readonly effect: 'newer'; readonly verified: VerifiedBundle };

/**
 * Decides whether a bundle, from anyone, replaces the one in force here.
 *
 * Threats answered, in the order of the checks:
 *
 * 1. A bundle that our roots did not sign: the threshold of the roots in force here must have signed
 *    these bytes, before anything in them is read (TRUST_SIGNATURES). A skipped change of roots
 *    fails here too: what later roots signed is not signed by those in force here. So a host that was
 *    offline accepts the changes one by one.
 * 2. An old bundle sent again, in which somebody still has a right that they lost: a version never goes back
 *    (TRUST_OLDER). A machine without a bundle has nothing to compare with, so it is told the least version,
 *    and the digest of that bundle, by the person who set it up (TRUST_OLDER, TRUST_EQUIVOCATION).
 * 3. Other JSON than we would write, unknown members, thresholds of zero and the rest: see
 *    `decodeTrustBundle` (TRUST_INVALID).
 * 4. Roots that replace themselves: a bundle with other roots needs the threshold of the new ones too, so
 *    that nobody can name roots that lack their keys, and lock everyone out (TRUST_SIGNATURES).
 * 5. A bundle of another site, whose roots have the same keys: its people would be trusted here (SITE_OTHER).
 * 6. Two bundles of one version, both signed: the roots were tricked, or enough of their keys were stolen.
 *    The one in force stays (TRUST_EQUIVOCATION).
 *
 * Expiry is not checked here: an expired bundle still leads to the next one. Code that acts on a bundle calls
 * `checkFresh`.
 */
export async function evaluateBundle(
  signed: SignedBundle,
  { pinned, current, least }: TrustAnchor,
): Promise<BundleVerdict> {
  if (current && Buffer.compare(current.signed.bundle, signed.bundle) === 0) return { effect: 'known' };
  const { site } = pinned;
  const content = { site, bytes: signed.bundle, signatures: signed.signatures };
  const version = await signedVersion(content, current?.bundle.roots ?? pinned);
  if (current && version < current.bundle.version) throw older(version, current.bundle);
  if (least) checkLeast(version, sha256(signed.bundle), least);
  const verified = await reopenBundle(signed);
  requireSite(`trust bundle ${version}`, verified.bundle.site, site);
  if (verified.bundle.version !== version) throw mixed(version, verified.bundle);
  if (version === current?.bundle.version) throw equivocation(version);
  return { effect: 'newer', verified };
}

/**
 * A bundle that this machine accepted and stored. It must still be complete and signed by its own roots;
 * whether those may sign was decided when it was accepted. Throws TRUST_INVALID or TRUST_SIGNATURES.
 */
export async function reopenBundle(signed: SignedBundle): Promise<VerifiedBundle> {
  const bundle = decodeTrustBundle(signed.bundle);
  const own = await countRootSignatures(contentOf({ bundle, signed }), bundle.roots);
  requireThreshold(bundle, own);
  return new BundleOfRoots(bundle, signed, own.signers);
}

/**
 * Throws TRUST_OLDER if `version` is below that of `least`, and TRUST_EQUIVOCATION if it is another bundle of
 * that version.
 */
export function checkLeast(version: number, digest: Uint8Array, least: LeastBundle): void {
  if (version < least.version)
    throw new FarcallError(
      'TRUST_OLDER',
      `trust bundle ${version} is older than version ${least.version}, which was the newest when this host was enrolled`,
    );
  if (version === least.version && digestText(digest) !== least.digest)
    throw new FarcallError(
      'TRUST_EQUIVOCATION',
      `this is another trust bundle ${version} than the one that the enrolment token of this host names`,
    );
}

/** The content of `signed` as its signatures must name it. */
export function contentOf({ bundle, signed }: Pick<VerifiedBundle, 'bundle' | 'signed'>): SignedContent {
  const { site, version } = bundle;
  return { site, bytes: signed.bundle, version, signatures: signed.signatures };
}

function mixed(version: number, bundle: TrustBundle): FarcallError {
  return new FarcallError(
    'TRUST_SIGNATURES',
    `the roots signed this as trust bundle ${version}, and it says that it is version ${bundle.version}`,
  );
}

function older(version: number, current: TrustBundle): FarcallError {
  return new FarcallError(
    'TRUST_OLDER',
    `trust bundle ${version} is older than version ${current.version}, which is known here`,
  );
}

function equivocation(version: number): FarcallError {
  return new FarcallError(
    'TRUST_EQUIVOCATION',
    `there are two different trust bundles ${version}, and the roots have signed both; the first one stays. ` +
      'Ask the roots what happened, and have them publish a newer version',
  );
}
