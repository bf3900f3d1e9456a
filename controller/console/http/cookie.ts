import type { ConsoleConfig } from './console-deps.ts';

const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** What is said of a cookie when it is set. */
export interface CookieUse {
  readonly name: string;
  readonly isSecure: boolean;
  readonly sameSite: 'Strict' | 'Lax';
  readonly lifeMs: number;
}

/** The cookie of a session: no other page can have it sent. */
export function sessionCookie({ origin, sessionMs }: Pick<ConsoleConfig, 'origin' | 'sessionMs'>): CookieUse {
  return { ...named('farcall', origin), sameSite: 'Strict', lifeMs: sessionMs };
}

/** The cookie of a browser that is away at a provider of identities: it must be there when that one sends it back. */
export function oidcCookie({ origin }: Pick<ConsoleConfig, 'origin'>, lifeMs: number): CookieUse {
  return { ...named('farcall-oidc', origin), sameSite: 'Lax', lifeMs };
}

/**
 * Names of cookies (RFC 6265bis, section 4.1.3.2): `__Host-` makes browsers refuse it without Secure, with a Domain, or from
 * another path, so that no neighbour of the domain can put one of his own in its place. On http://localhost there is no
 * Secure.
 */
function named(name: string, origin: string): Pick<CookieUse, 'name' | 'isSecure'> {
  const isSecure = origin.startsWith('https:');
  return { name: isSecure ? `__Host-${name}` : name, isSecure };
}

/** The `Set-Cookie` that gives the browser `secret`; with an empty one it forgets what it had. */
export function setCookie({ name, isSecure, sameSite, lifeMs }: CookieUse, secret: string): string {
  const ageS = secret === '' ? 0 : Math.floor(lifeMs / 1000);
  const secure = isSecure ? '; Secure' : '';
  return `${name}=${secret}; Path=/; Max-Age=${ageS}; HttpOnly; SameSite=${sameSite}${secure}`;
}

/** The secret in a `Cookie` header; undefined where there is none, or two that differ. */
export function secretIn({ name }: Pick<CookieUse, 'name'>, header: string | undefined): string | undefined {
  const values = (header ?? '').split(';').flatMap(part => {
    const [key = '', ...rest] = part.trim().split('=');
    return key === name ? [rest.join('=')] : [];
  });
  const [secret] = values;
  if (secret === undefined || values.some(each => each !== secret)) return undefined;
  return SECRET.test(secret) ? secret : undefined;
}
