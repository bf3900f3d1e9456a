import { readFileSync, statSync } from 'node:fs';
import { FarcallError } from '../errors/index.ts';

/**
 * The content of the secret file `path`; `what` names it in errors, which quote nothing of it. Throws
 * FILE_UNREADABLE.
 *
 * Threat: people who can read a secret can speak in its name. So a file that others than its owner may read
 * or write counts as known to them, and is refused; the person who sees the message can replace the secret.
 */
export function readSecret(path: string, what = 'secret'): Buffer {
  let mode: number;
  let content: Buffer;
  try {
    mode = statSync(path).mode;
    content = readFileSync(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new FarcallError('FILE_UNREADABLE', `the ${what} ${path} cannot be read: ${reason}`, { cause });
  }
  if ((mode & 0o077) === 0) return content;
  throw new FarcallError(
    'FILE_UNREADABLE',
    `the ${what} ${path} is open to others; chmod 600 it, or replace it`,
  );
}

/**
 * The text of the secret file `path`, without white space around it. Throws what {@link readSecret} throws.
 */
export function readSecretText(path: string, what?: string): string {
  return readSecret(path, what).toString('utf8').trim();
}
