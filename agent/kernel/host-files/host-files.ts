import { readFileSync } from 'node:fs';
import { FarcallError } from '../../../shared/errors/index.ts';

/** The folders in which a host's kernel exposes files. Tests pass their own. */
export interface HostFiles {
  readonly proc: string;
  readonly sys: string;
  readonly dev: string;
  /** Where module files are, in one folder per kernel release. */
  readonly modules: string;
}

/** The folders of a running Linux system. */
export const HOST_FILES: HostFiles = { proc: '/proc', sys: '/sys', dev: '/dev', modules: '/lib/modules' };

/** Longest pseudo file that is read as a whole: `/proc/modules` of a host with thousands of modules fits. */
const TEXT_MAX_BYTES = 4 * 1024 * 1024;

/** The errno name of what a `node:fs` call threw (`ENOENT`), or undefined. */
export function systemErrorCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/**
 * The text of a small file below /proc or /sys.
 * @throws FarcallError FILE_UNREADABLE, or PERMISSION if the kernel refuses.
 */
export function readHostText(path: string): string {
  const text = readOptionalHostText(path);
  if (text === undefined) throw new FarcallError('FILE_UNREADABLE', `${path} does not exist`);
  return text;
}

/** Like `readHostText`, but undefined if there is no such file: the kernel was built without that feature. */
export function readOptionalHostText(path: string): string | undefined {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > TEXT_MAX_BYTES) {
      throw new FarcallError('FILE_UNREADABLE', `${path} is longer than ${TEXT_MAX_BYTES} bytes`);
    }
    return bytes.toString('utf8');
  } catch (thrown) {
    const errno = systemErrorCode(thrown);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
    throw hostFileError(path, thrown);
  }
}

/** A FarcallError for a failure at `path`; `right` says what access to it takes. */
export function hostFileError(path: string, thrown: unknown, right = 'root'): FarcallError {
  if (thrown instanceof FarcallError) return thrown;
  const errno = systemErrorCode(thrown);
  if (errno === 'EPERM' || errno === 'EACCES') {
    return new FarcallError('PERMISSION', `${path} may not be read (${errno}): it needs ${right}`, {
      cause: thrown,
    });
  }
  return new FarcallError('FILE_UNREADABLE', `${path} cannot be read (${errno ?? 'no errno'})`, {
    cause: thrown,
  });
}
