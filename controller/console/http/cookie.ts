import type { ConsoleSettings } from './console-deps.ts';

const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** Name and attributes of a cookie. */
export interface CookieUse {
  readonly name: string;
  readonly isSecure: boolean;
  readonly sameSite: 'Strict' | 'Lax';
  readonly lifeMs: number;
}

/** The cookie of a session. No other page can make the browser send it. */
export function sessionCookie({
  origin,
  sessionMs,
}: Pick<ConsoleSettings, 'origin' | 'sessionMs'>): CookieUse {
  return { ...named('farcall', origin), sameSite: 'Strict', lifeMs: sessionMs };
}

/**
 * The cookie of a browser that is at the OpenID provider. The browser must send it when the provider sends it
 * back.
 */
export function oidcCookie({ origin }: Pick<ConsoleSettings, 'origin'>, lifeMs: number): CookieUse {
  return { ...named('farcall-oidc', origin), sameSite: 'Lax', lifeMs };
}

/**
 * Name and Secure attribute (RFC 6265bis, section 4.1.3.2): browsers refuse a cookie `__Host-...` without
 * Secure, with a Domain, or for another path, so that no neighbour of the domain can set one in its place. On
 * http://localhost there is no Secure.
 */
function named(name: string, origin: string): Pick<CookieUse, 'name' | 'isSecure'> {
  const isSecure = origin.startsWith('https:');
  return { name: isSecure ? `__Host-${name}` : name, isSecure };
}

/** The `Set-Cookie` header that stores `secret` in the browser; an empty secret deletes the cookie. */
export function setCookie({ name, isSecure, sameSite, lifeMs }: CookieUse, secret: string): string {
  const ageS = secret === '' ? 0 : Math.floor(lifeMs / 1000);
  const secure = isSecure ? '; Secure' : '';
  return `${name}=${secret}; Path=/; Max-Age=${ageS}; HttpOnly; SameSite=${sameSite}${secure}`;
}

/** The secret in a `Cookie` header; undefined if there is none, or two that differ. */
export function secretIn({ name }: Pick<CookieUse, 'name'>, header: string | undefined): string | undefined {
  const values = (header ?? '').split(';').flatMap(part => {
    const [key = '', ...rest] = part.trim().split('=');
    return key === name ? [rest.join('=')] : [];
  });
  const [secret] = values;
  if (secret === undefined || values.some(each => each !== secret)) return undefined;
  return SECRET.test(secret) ? secret : undefined;
}
