import type { ConsoleSettings } from './console-deps.ts';

/** The page may load its own files only, and no other page may frame it (CSP level 3). */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/**
 * Headers of every reply.
 *
 * Threats: somebody else's script in the page (the policy lets only files of the console run); the page in a
 * frame of another page that steals clicks; addresses with ids of requests that leak to other pages; a
 * browser that takes JSON for a page.
 */
export function securityHeaders({
  origin,
}: Pick<ConsoleSettings, 'origin'>): Readonly<Record<string, string>> {
  const isTls = origin.startsWith('https:');
  return {
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'permissions-policy':
      'publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()',
    ...(isTls && { 'strict-transport-security': 'max-age=63072000' }),
  };
}
