import { createHash } from 'node:crypto';

/** SHA-256 of `parts`, one after the other. 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** A digest as tokens contain it: base64url without padding. */
export function digestText(digest: Uint8Array): string {
  return Buffer.from(digest).toString('base64url');
}

/** SHA-256 of the text of a token, in base64url, as withdrawals contain it. */
export function tokenDigest(token: string): string {
  return digestText(sha256(Buffer.from(token, 'utf8')));
}
