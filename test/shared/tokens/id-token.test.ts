import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { createLocalJWKSet } from 'jose';
import { describe, expect, it } from 'vitest';
import { FarcallError } from '../../../shared/errors/index.ts';
import { verifyIdToken } from '../../../shared/tokens/index.ts';

const NOW_S = 1_790_000_000;
const ISSUER = 'https://id.example';
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' };
const use = {
  keys: createLocalJWKSet({ keys: [jwk] }),
  ...{ issuer: ISSUER, clientId: 'farcall', nonce: 'a nonce', nowMs: NOW_S * 1000 },
};

interface Changes {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly signer?: (input: string) => Buffer;
}

const signedBy = (key: typeof pair.privateKey) => (input: string) =>
  sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });

function token({ claims, header, signer = signedBy(pair.privateKey) }: Changes = {}): string {
  const own = { iss: ISSUER, aud: 'farcall', sub: 'alice', nonce: 'a nonce', iat: NOW_S, exp: NOW_S + 300 };
  const input = [
    { alg: 'ES256', typ: 'JWT', kid: 'one', ...header },
    { ...own, ...claims },
  ]
    .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${input}.${signer(input).toString('base64url')}`;
}

describe('an ID token', () => {
  it('an ID token names its subject, and an e-mail address that the provider has verified', async () => {
    expect(await verifyIdToken(token(), use)).toEqual({ sub: 'alice', email: undefined });
    const email = 'alice@work.example';
    const verified = token({ claims: { email, email_verified: true } });
    expect(await verifyIdToken(verified, use)).toEqual({ sub: 'alice', email });
    const claimed = token({ claims: { email, email_verified: 'true' } });
    expect(await verifyIdToken(claimed, use)).toEqual({ sub: 'alice', email: undefined });
    const odd = token({ claims: { email: 7, email_verified: true } });
    expect(await verifyIdToken(odd, use)).toEqual({ sub: 'alice', email: undefined });
  });

  it('an ID token may be for several clients if it was made for this one, and name its subject at length', async () => {
    const several = token({ claims: { aud: ['farcall', 'x'], azp: 'farcall' } });
    expect(await verifyIdToken(several, use)).toMatchObject({ sub: 'alice' });
    expect(await verifyIdToken(token({ claims: { aud: ['farcall'] } }), use)).toMatchObject({ sub: 'alice' });
    const sub = 'x'.repeat(255);
    expect(await verifyIdToken(token({ claims: { sub } }), use)).toMatchObject({ sub });
  });

  it('an ID token cannot be judged while the keys of its provider are out of reach, and the error says that', async () => {
    const keys = async () => {
      throw new FarcallError('UNREACHABLE', 'the provider does not answer');
    };
    await expect(verifyIdToken(token(), { ...use, keys })).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it.each<[string, Changes, string]>([
    ['for another client', { claims: { aud: 'somebody-else' } }, 'TOKEN_CLAIMS'],
    [
      'for several clients and made for another',
      { claims: { aud: ['farcall', 'x'], azp: 'x' } },
      'TOKEN_CLAIMS',
    ],
    [
      'for several clients that does not say for which',
      { claims: { aud: ['farcall', 'x'] } },
      'TOKEN_CLAIMS',
    ],
    ['for this client and made for another', { claims: { azp: 'x' } }, 'TOKEN_CLAIMS'],
    ['with a subject that is no text', { claims: { sub: 7 } }, 'TOKEN_CLAIMS'],
    ['of another provider', { claims: { iss: 'https://other.example' } }, 'TOKEN_CLAIMS'],
    ['for another sign-in', { claims: { nonce: 'another' } }, 'TOKEN_CLAIMS'],
    ['without a nonce', { claims: { nonce: undefined } }, 'TOKEN_CLAIMS'],
    ['that has expired', { claims: { exp: NOW_S - 60 } }, 'TOKEN_EXPIRED'],
    ['that never expires', { claims: { exp: undefined } }, 'TOKEN_CLAIMS'],
    ['from the future', { claims: { iat: NOW_S + 600 } }, 'TOKEN_CLAIMS'],
    ['that is too old', { claims: { iat: NOW_S - 3600 } }, 'TOKEN_EXPIRED'],
    ['that names nobody', { claims: { sub: '' } }, 'TOKEN_CLAIMS'],
    ['with a subject that is too long', { claims: { sub: 'x'.repeat(256) } }, 'TOKEN_CLAIMS'],
    ['without a signature', { header: { alg: 'none' }, signer: () => Buffer.alloc(0) }, 'TOKEN_INVALID'],
    [
      'signed with a secret that both know',
      { header: { alg: 'HS256' }, signer: input => createHmac('sha256', 'secret').update(input).digest() },
      'TOKEN_INVALID',
    ],
    ['signed with another key', { signer: signedBy(other.privateKey) }, 'TOKEN_SIGNATURE'],
    ['with a key that the provider does not have', { header: { kid: 'three' } }, 'TOKEN_INVALID'],
  ])('%s is refused', async (_name, changes, code) => {
    await expect(verifyIdToken(token(changes), use)).rejects.toMatchObject({ code });
  });
});
