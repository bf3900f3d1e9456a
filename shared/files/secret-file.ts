import { readFileSync, statSync } from 'node:fs';
import { FarcallError } from '../errors/index.ts';

/**
 * The content of the secret file `path`. `what` names the file in errors, which never quote its content.
 * Throws FILE_UNREADABLE.
 *
 * Threat: anyone who can read a secret can act in the name of its holder. A file that users other than its
 * owner may read or write is therefore refused, as if they knew it. The person who sees the message can
 * replace the secret.
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
 * The text of the secret file `path`, without surrounding white space. Throws what {@link readSecret} throws.
 */
export function readSecretText(path: string, what?: string): string {
  return readSecret(path, what).toString('utf8').trim();
}
