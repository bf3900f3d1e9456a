import { FarcallError } from '../../../shared/errors/index.ts';
import type { Keyring, TrustedKey } from '../../../shared/tokens/index.ts';
import { keyringOf, readTrustBundle, type TrustBundle } from '../../../shared/trust/index.ts';

/** A bundle, and its keys ready for use. */
export interface TrustedVersion {
  readonly bundle: TrustBundle;
  readonly approvers: Keyring;
  readonly controllers: Keyring;
}

/** Whom the controller could trust, by the version of the bundle that its log names. */
export interface TrustHistory {
  /** Undefined where the auditor has no bundle of that version. */
  trustAt(version: number): TrustedVersion | undefined;
  /** The key of a controller in any version, by key id. */
  readonly controllers: Keyring;
}

/**
 * The history in `bundles`, of which the auditor vouches for each: nothing in the store can add to it. Throws
 * TRUST_INVALID where two different ones have one version.
 */
export function trustHistory(bundles: readonly TrustBundle[]): TrustHistory {
  const versions = new Map<number, TrustedVersion>();
  const controllers = new Map<string, TrustedKey>();
  for (const bundle of bundles) {
    if (versions.has(bundle.version))
      throw new FarcallError('TRUST_INVALID', `two trust bundles have the version ${bundle.version}`);
    const trusted = {
      bundle,
      approvers: keyringOf(bundle.approvers),
      controllers: keyringOf(bundle.controllers),
    };
    versions.set(bundle.version, trusted);
    for (const [kid, key] of trusted.controllers) controllers.set(kid, key);
  }
  return { trustAt: version => versions.get(version), controllers };
}

/** {@link trustHistory} of the bundles in `files`. */
export function trustHistoryFromFiles(files: readonly string[]): TrustHistory {
  return trustHistory(files.map(readTrustBundle));
}
