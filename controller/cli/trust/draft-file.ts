import { writeFileSync } from 'node:fs';
import { FarcallError, toFarcallError } from '../../../shared/errors/index.ts';
import { replaceFile } from '../../../shared/files/index.ts';
import {
  type BundleFile,
  bundleFileText,
  checkTrustBundle,
  readBundleFile,
  type TrustBundle,
} from '../../../shared/trust/index.ts';

/** A draft to be edited, and where it goes. */
export interface OpenDraft {
  readonly bundle: TrustBundle;
  readonly out: string;
}

/**
 * Opens a bundle file to edit it. A draft that nobody has signed is edited in its place. One that has a signature is never
 * changed: editing it begins the next version, in a file of its own. Throws CONFIG_INVALID where that is not named.
 */
export function openDraft(file: string, out: string | undefined, nowMs: number): OpenDraft {
  const { bundle, signed } = readBundleFile(file);
  if (signed.signatures.length === 0) return { bundle: { ...bundle, issuedAtMs: nowMs }, out: out ?? file };
  if (out === undefined || out === file)
    throw new FarcallError(
      'CONFIG_INVALID',
      `${file} is signed and stays as it is; --out FILE says where version ${bundle.version + 1} goes`,
    );
  return { bundle: { ...bundle, version: bundle.version + 1, issuedAtMs: nowMs }, out };
}

/** The file of an unsigned draft. Throws CONFIG_INVALID with what would not work about it. */
export function draftText(bundle: TrustBundle): string {
  try {
    return bundleFileText(checkTrustBundle(bundle), []);
  } catch (thrown) {
    throw new FarcallError('CONFIG_INVALID', toFarcallError(thrown).message, { cause: thrown });
  }
}

/** Writes an unsigned draft. Throws CONFIG_INVALID with what would not work about it. */
export function saveDraft(path: string, bundle: TrustBundle): void {
  overwrite(path, draftText(bundle));
}

/** Writes a bundle with signatures. */
export function saveSigned(path: string, { bundle }: BundleFile, signatures: readonly string[]): void {
  overwrite(path, bundleFileText(bundle, signatures));
}

/** Writes to a file that must not exist yet. */
export function saveNew(path: string, text: string): void {
  write(path, () => writeFileSync(path, text, { flag: 'wx', mode: 0o644 }));
}

/** A crash or a full disk must not leave half a file where signatures were. */
function overwrite(path: string, text: string): void {
  write(path, () => replaceFile(path, text, { mode: 0o644 }));
}

function write(path: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `${path} cannot be written: ${(cause as Error).message}`, {
      cause,
    });
  }
}
