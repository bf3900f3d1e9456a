import { readFileSync, statSync } from 'node:fs';
import { FarcallError } from '../errors/index.ts';

/**
 * The content of the secret file `path`. Throws FILE_UNREADABLE.
 *
 * Threat: a secret that others on this host can read lets them speak in its name.
 */
export function readSecret(path: string): Buffer {
  try {
    if ((statSync(path).mode & 0o077) === 0) return readFileSync(path);
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `the secret ${path} cannot be read`, { cause });
  }
  throw new FarcallError('FILE_UNREADABLE', `the secret ${path} is open to others; chmod 600 it`);
}
