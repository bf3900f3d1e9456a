import type { ConsoleConfig } from './console-deps.ts';

const SECRET = /^[A-Za-z0-9_-]{43}$/;

/**
 * Names of the cookie (RFC 6265bis, section 4.1.3.2): `__Host-` makes browsers refuse it without Secure, with a Domain, or from
 * another path, so that no neighbour of the domain can put one of his own in its place. On http://localhost there is no
 * Secure.
 */
function cookieName({ origin }: Pick<ConsoleConfig, 'origin'>): string {
  return origin.startsWith('https:') ? '__Host-farcall' : 'farcall';
}

/** The `Set-Cookie` that gives the browser `secret`; with an empty one it forgets what it had. */
export function setCookie(config: Pick<ConsoleConfig, 'origin' | 'sessionMs'>, secret: string): string {
  const secure = config.origin.startsWith('https:') ? '; Secure' : '';
  const ageS = secret === '' ? 0 : Math.floor(config.sessionMs / 1000);
  return `${cookieName(config)}=${secret}; Path=/; Max-Age=${ageS}; HttpOnly; SameSite=Strict${secure}`;
}

/** The secret in a `Cookie` header; undefined where there is none, or two that differ. */
export function secretIn(
  config: Pick<ConsoleConfig, 'origin'>,
  header: string | undefined,
): string | undefined {
  const name = cookieName(config);
  const values = (header ?? '').split(';').flatMap(part => {
    const [key = '', ...rest] = part.trim().split('=');
    return key === name ? [rest.join('=')] : [];
  });
  const [secret] = values;
  if (secret === undefined || values.some(each => each !== secret)) return undefined;
  return SECRET.test(secret) ? secret : undefined;
}
