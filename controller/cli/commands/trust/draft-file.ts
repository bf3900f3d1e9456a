import { writeFileSync } from 'node:fs';
import { FarcallError, toFarcallError } from '../../../../shared/errors/index.ts';
import { replaceFile } from '../../../../shared/files/index.ts';
import {
  type BundleFile,
  bundleFileText,
  checkTrustBundle,
  readBundleFile,
  type TrustBundle,
} from '../../../../shared/trust/index.ts';

/** A draft to edit, and the path to save it to. */
export interface OpenDraft {
  readonly bundle: TrustBundle;
  readonly out: string;
}

/**
 * Opens a bundle file to edit it. An unsigned draft is edited in place. A signed file is never changed:
 * editing it begins the next version, in the file `out`. Throws CONFIG_INVALID if `out` is missing then.
 */
export function openDraft(file: string, out: string | undefined, nowMs: number): OpenDraft {
  const { bundle, signed } = readBundleFile(file);
  if (signed.signatures.length === 0) return { bundle: { ...bundle, issuedAtMs: nowMs }, out: out ?? file };
  if (out === undefined || out === file)
    throw new FarcallError(
      'CONFIG_INVALID',
      `${file} is signed, so it is not changed; use --out FILE for version ${bundle.version + 1}`,
    );
  return { bundle: { ...bundle, version: bundle.version + 1, issuedAtMs: nowMs }, out };
}

/** The content of the file of an unsigned draft. Throws CONFIG_INVALID if the bundle is not valid. */
export function bundleDraftText(bundle: TrustBundle): string {
  try {
    return bundleFileText(checkTrustBundle(bundle), []);
  } catch (thrown) {
    throw new FarcallError('CONFIG_INVALID', toFarcallError(thrown).message, { cause: thrown });
  }
}

/** Writes an unsigned draft. Throws CONFIG_INVALID if the bundle is not valid. */
export function saveDraft(path: string, bundle: TrustBundle): void {
  overwrite(path, bundleDraftText(bundle));
}

/** Writes a bundle with its signatures. */
export function saveSigned(path: string, { bundle }: BundleFile, signatures: readonly string[]): void {
  overwrite(path, bundleFileText(bundle, signatures));
}

/** Writes a file that must not exist yet. Throws FILE_UNREADABLE. */
export function saveNew(path: string, text: string): void {
  write(path, () => writeFileSync(path, text, { flag: 'wx', mode: 0o644 }));
}

/** The file is replaced as a whole. A crash or a full disk must not leave half of it. */
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
