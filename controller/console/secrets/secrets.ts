import { randomBytes } from 'node:crypto';
import { sha256 } from '../../../shared/tokens/index.ts';

/** Length of a secret that only one browser or person may hold; nobody can guess 256 bits. */
const SECRET_BYTES = 32;

/** A new secret, in base64url. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/**
 * The id under which the store keeps a secret: its SHA-256, in hexadecimal.
 *
 * Threat: somebody reads the database. From these ids they get no session and no code.
 */
export function secretId(secret: string): string {
  return Buffer.from(sha256(Buffer.from(secret, 'utf8'))).toString('hex');
}
