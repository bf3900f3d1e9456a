import { createHash, createHmac } from 'node:crypto';

/** The values that tie one sign-in at a provider together. All are derived from one secret in the browser. */
export interface SignInSecrets {
  /** Returned with the reply (RFC 6749, section 4.1.1). */
  readonly state: string;
  /** Returned in the ID token (OpenID Connect Core 1.0, section 3.1.2.1). */
  readonly nonce: string;
  /** Proves to the provider that we started the sign-in (RFC 7636, section 4.1). */
  readonly verifier: string;
  /** SHA-256 of `verifier`, which the provider gets beforehand (RFC 7636, section 4.2). */
  readonly challenge: string;
}

/**
 * The secrets of the sign-in that started with `secret`, in base64url.
 *
 * Threat: anyone who sees one of them (the state in an address, the nonce in a token) learns none of the
 * others.
 */
export function signInSecrets(secret: string): SignInSecrets {
  const derived = (use: string): string =>
    createHmac('sha256', Buffer.from(secret, 'base64url')).update(`farcall oidc ${use}`).digest('base64url');
  const verifier = derived('verifier');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  return { state: derived('state'), nonce: derived('nonce'), verifier, challenge };
}
