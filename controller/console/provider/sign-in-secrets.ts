import { createHash, createHmac } from 'node:crypto';

/**
 * What ties one sign-in at a provider together, all of it from the one secret that the browser holds
 * meanwhile.
 */
export interface SignInSecrets {
  /** Comes back with the answer (RFC 6749, section 4.1.1). */
  readonly state: string;
  /** Comes back in the token (OpenID Connect Core 1.0, section 3.1.2.1). */
  readonly nonce: string;
  /** Proves at the provider who began (RFC 7636, section 4.1), and what it is told beforehand. */
  readonly verifier: string;
  readonly challenge: string;
}

/**
 * Secrets of the sign-in that `secret` began.
 *
 * Threat: who sees one of them on its way (the state in an address, the nonce in a token) learns none of the
 * others.
 */
export function signInSecrets(secret: string): SignInSecrets {
  const derived = (use: string): string =>
    createHmac('sha256', Buffer.from(secret, 'base64url')).update(`farcall oidc ${use}`).digest('base64url');
  const verifier = derived('verifier');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  return { state: derived('state'), nonce: derived('nonce'), verifier, challenge };
}
