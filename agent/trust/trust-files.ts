import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { digestText } from '../../shared/tokens/index.ts';
import {
  bundleFileText,
  isVerifiedBundle,
  readBundleFile,
  reopenBundle,
  type VerifiedBundle,
} from '../../shared/trust/index.ts';
import { writeTrustFile } from './write-trust-file.ts';

/** File of the newest accepted bundle in the state directory; `farcall trust show` reads it. */
export const TRUST_FILE = 'trust.json';

/** File with the digest of the bundle that this host has seen expire. */
const OVER_FILE = 'trust-over';

/** The trust that an agent keeps on its disk between two starts. */
export interface TrustFiles {
  /** The stored bundle; undefined if there is none yet. Throws TRUST_INVALID if it is damaged. */
  load(): Promise<VerifiedBundle | undefined>;
  /** Stores a bundle; it is on the disk when this returns. Throws STORE_FAILED. */
  keep(bundle: VerifiedBundle): void;
  /** Whether this host has seen `bundle` expire. */
  isOver(bundle: VerifiedBundle): boolean;
  /** Records that this host has seen `bundle` expire. Throws STORE_FAILED. */
  markOver(bundle: VerifiedBundle): void;
}

/** The files about trust in `stateDirectory`. */
export function trustFiles(stateDirectory: string): TrustFiles {
  const path = join(stateDirectory, TRUST_FILE);
  const overPath = join(stateDirectory, OVER_FILE);
  return {
    load: () => load(path),
    keep(verified) {
      if (!isVerifiedBundle(verified))
        throw new FarcallError('INTERNAL', 'an unverified trust bundle reached the trust files');
      const { bundle, signed } = verified;
      writeTrustFile(path, bundleFileText(bundle, signed.signatures));
    },
    isOver: ({ digest }) =>
      existsSync(overPath) && readFileSync(overPath, 'utf8').trim() === digestText(digest),
    markOver: ({ digest }) => writeTrustFile(overPath, `${digestText(digest)}\n`),
  };
}

async function load(path: string): Promise<VerifiedBundle | undefined> {
  if (!existsSync(path)) return undefined;
  try {
    return await reopenBundle(readBundleFile(path).signed);
  } catch (thrown) {
    const { message } = toFarcallError(thrown);
    throw new FarcallError(
      'TRUST_INVALID',
      `this host cannot use the trust bundle that it stored: ${message}. Without ${path} it would start again from its ` +
        'file of roots, and could be given an old bundle',
      { cause: thrown },
    );
  }
}
