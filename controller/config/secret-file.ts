import { readFileSync, statSync } from 'node:fs';
import { FarcallError } from '../../shared/errors/index.ts';

/** The secret in the file `path`. Refuses a file that others than its owner may read or write. */
export function readSecretFile(path: string): string {
  try {
    if ((statSync(path).mode & 0o077) === 0) return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `the secret file ${path} cannot be read`, { cause });
  }
  throw new FarcallError('FILE_UNREADABLE', `the secret file ${path} is open to others; chmod 600 it`);
}
