import { randomBytes } from 'node:crypto';
import { sha256 } from '../../../shared/tokens/index.ts';

/** Bytes of everything that only one browser or person may hold: 256 bits are not guessed. */
const SECRET_BYTES = 32;

/** A new secret, in base64url. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/**
 * What the store keeps of a secret.
 *
 * Threat: somebody reads the database. From this he gets no session and no code.
 */
export function secretId(secret: string): string {
  return Buffer.from(sha256(Buffer.from(secret, 'utf8'))).toString('hex');
}
