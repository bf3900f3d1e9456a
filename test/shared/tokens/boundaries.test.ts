import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isLowS, p256SignatureOf, withLowS } from '../../../shared/tokens/ecdsa-signature.ts';
import {
  CLOCK_TOLERANCE_S,
  digestText,
  type KeyValidity,
  keyFileText,
  newSigningKey,
  passkeyJwkSchema,
  publicJwkSchema,
  publicKeyOf,
  readKeyFile,
  requireSite,
  sha256,
  shortSite,
  signToken,
  TOKEN_KINDS,
  type TokenContent,
  verifyToken,
  writeKeyFile,
} from '../../../shared/tokens/index.ts';
import { KEYS, SITE, tokenOf } from '../../kit/cast.ts';
import { codeOf } from '../../kit/controller-kit.ts';
import { newPasskey } from '../../kit/keys/passkey-kit.ts';

const NOW_S = 1_900_000_000;
const MAX_AGE_S = TOKEN_KINDS.approval.maxAgeS;
const { bob } = KEYS;

/** What becomes of an approval by bob with these times at `nowMs`, by a key of this validity. */
async function verdict(
  times: Partial<TokenContent<'approval'>>,
  {
    nowMs = NOW_S * 1000,
    validity,
    isLasting = false,
  }: { nowMs?: number; validity?: KeyValidity; isLasting?: boolean } = {},
): Promise<string> {
  const req = digestText(sha256(Buffer.from('request')));
  const content = { iss: 'bob', iat: NOW_S, exp: NOW_S + 60, req, decision: 'approve', ...times } as const;
  const token = await tokenOf('approval', content, bob);
  const key = { owner: 'bob', key: publicKeyOf(bob.publicJwk), ...(validity && { validity }) };
  const keyring = new Map([[bob.kid, key]]);
  return verifyToken('approval', token, { site: SITE, keyring, nowMs, isLasting: () => isLasting }).then(
    ({ signer }) => signer,
    ({ code, message }) => `${code} ${message.replace(/^[^:]*: /, '')}`,
  );
}

describe('the times of a token', () => {
  test('a token ends at its end, and clocks may differ by the tolerance', async () => {
    expect(CLOCK_TOLERANCE_S).toBe(30);
    expect(await verdict({ iat: NOW_S - 100, exp: NOW_S - 29 })).toBe('bob');
    expect(await verdict({ iat: NOW_S - 100, exp: NOW_S - 30 })).toBe('TOKEN_EXPIRED expired 30 s ago');
    expect(await verdict({ iat: NOW_S - 100, exp: NOW_S - 29 }, { nowMs: NOW_S * 1000 + 999 })).toBe('bob');
    expect(await verdict({ iat: NOW_S - 100, exp: NOW_S - 29 }, { nowMs: NOW_S * 1000 + 1000 })).toMatch(
      /^TOKEN_EXPIRED/,
    );
  });

  test('a token from the future is refused beyond the tolerance', async () => {
    expect(await verdict({ iat: NOW_S + 30 })).toBe('bob');
    expect(await verdict({ iat: NOW_S + 31 })).toMatch(/^TOKEN_EXPIRED not yet valid/);
  });

  test('a token that lasts is taken after its end, but not before its beginning, and not with a longer life', async () => {
    const past = { iat: NOW_S - 2 * MAX_AGE_S, exp: NOW_S - MAX_AGE_S };
    expect(await verdict(past)).toMatch(/^TOKEN_EXPIRED expired/);
    expect(await verdict(past, { isLasting: true })).toBe('bob');
    expect(await verdict({ iat: NOW_S + 31 }, { isLasting: true })).toMatch(/^TOKEN_EXPIRED not yet valid/);
    expect(await verdict({ exp: NOW_S + MAX_AGE_S + 1 }, { isLasting: true })).toMatch(
      /^TOKEN_CLAIMS lives longer/,
    );
  });

  test('a token lives no longer than its kind allows', async () => {
    expect(await verdict({ exp: NOW_S + MAX_AGE_S })).toBe('bob');
    expect(await verdict({ exp: NOW_S + MAX_AGE_S + 1 })).toBe(
      `TOKEN_CLAIMS lives longer than ${MAX_AGE_S} s`,
    );
    const old = (byS: number) => ({ iat: NOW_S - MAX_AGE_S - byS, exp: NOW_S + 60 });
    expect(await verdict(old(30))).toMatch(/^TOKEN_CLAIMS lives longer/);
    expect(await verdict(old(31))).toBe(`TOKEN_EXPIRED older than ${MAX_AGE_S} s`);
  });

  test('a token has a beginning of its own where its kind has one', async () => {
    const key = KEYS['ctl-1'];
    const keyring = new Map([[key.kid, { owner: 'ctl-1', key: publicKeyOf(key.publicJwk) }]]);
    const verified = async (nbf: number) => {
      const token = await tokenOf(
        'order',
        {
          ...{ iss: 'ctl-1', iat: NOW_S, nbf, exp: NOW_S + 60, jti: 'order-01', req: 'A'.repeat(43) },
          ...{ attempt: 1, trustVersion: 1, wave: 1, slice: { from: 0, to: 1 } },
        },
        key,
      );
      return verifyToken('order', token, { site: SITE, keyring, nowMs: NOW_S * 1000 });
    };
    await expect(verified(NOW_S + 30)).resolves.toMatchObject({ signer: 'ctl-1' });
    expect(await codeOf(verified(NOW_S + 31))).toBe('TOKEN_EXPIRED');
  });
});

describe('the validity of a key', () => {
  const nowMs = NOW_S * 1000;

  test('a key is valid from its beginning, where a clock may be behind', async () => {
    expect(await verdict({}, { validity: { notBeforeMs: nowMs + 30_000 } })).toBe('bob');
    expect(await verdict({}, { validity: { notBeforeMs: nowMs + 30_001 } })).toMatch(
      /^TOKEN_EXPIRED bob's key is not valid at/,
    );
    expect(await verdict({}, { validity: { notBeforeMs: 0 } })).toBe('bob');
  });

  test('a key ends to the millisecond, because it may end for having been stolen', async () => {
    expect(await verdict({}, { validity: { notAfterMs: nowMs + 1 } })).toBe('bob');
    expect(await verdict({}, { validity: { notAfterMs: nowMs } })).toMatch(/^TOKEN_EXPIRED/);
  });

  test('a key must be valid when it signed, and now', async () => {
    const iat = NOW_S - 50;
    expect(await verdict({ iat }, { validity: { notBeforeMs: nowMs - 10_000 } })).toMatch(/^TOKEN_EXPIRED/);
    expect(await verdict({ iat }, { validity: { notAfterMs: nowMs - 10_000 } })).toMatch(/^TOKEN_EXPIRED/);
    expect(await verdict({ iat }, { validity: { notBeforeMs: nowMs - 60_000, notAfterMs: nowMs + 1 } })).toBe(
      'bob',
    );
    const past = { iat: NOW_S - 5000, exp: NOW_S - 4000 };
    expect(await verdict(past, { isLasting: true, validity: { notAfterMs: nowMs } })).toMatch(
      /^TOKEN_EXPIRED/,
    );
  });
});

describe('a token that is made', () => {
  test('a token is not made with claims that its kind does not have', async () => {
    const content = {
      iss: 'bob',
      site: SITE,
      iat: NOW_S,
      exp: NOW_S + 60,
      req: 'short',
      decision: 'approve',
    };
    await expect(signToken('approval', content as TokenContent<'approval'>, bob)).rejects.toMatchObject({
      code: 'TOKEN_CLAIMS',
      message: expect.stringContaining('req'),
    });
  });
});

describe('a site', () => {
  test('a site is another if one character is, and is named by its first twelve', () => {
    const [one, other] = ['A'.repeat(43), `${'A'.repeat(42)}B`];
    expect(() => requireSite('it', one, one)).not.toThrow();
    expect(() => requireSite('it', one, other)).toThrow(expect.objectContaining({ code: 'SITE_OTHER' }));
    expect(shortSite('0123456789abcdef')).toBe('0123456789ab');
  });
});

describe('an ECDSA signature', () => {
  const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const integer = (value: bigint, pad = ''): Buffer => {
    const hex = value.toString(16);
    const bytes = Buffer.from(pad + (hex.length % 2 ? `0${hex}` : hex), 'hex');
    const signed = bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
    return Buffer.concat([Buffer.of(2, signed.length), signed]);
  };
  const der = (r: bigint, s: bigint, pad = ''): Buffer => {
    const content = Buffer.concat([integer(r, pad), integer(s)]);
    return Buffer.concat([Buffer.of(0x30, content.length), content]);
  };

  test('an ECDSA signature has numbers between zero and the order of the curve', () => {
    for (const [r, s] of [
      [1n, 1n],
      [ORDER - 1n, 1n],
      [1n, ORDER - 1n],
      [0x7fn, 0x80n],
    ] as const)
      expect(p256SignatureOf(der(r, s)), `${r} ${s}`).toEqual({ r, s });
    for (const [r, s] of [
      [0n, 1n],
      [1n, 0n],
      [ORDER, 1n],
      [1n, ORDER],
    ] as const)
      expect(p256SignatureOf(der(r, s)), `${r} ${s}`).toBeUndefined();
  });

  test('an ECDSA signature is in the one form of DER', () => {
    const good = der(5n, 7n);
    expect(p256SignatureOf(der(5n, 7n, '00'))).toBeUndefined();
    expect(p256SignatureOf(Buffer.concat([good, Buffer.of(0)]))).toBeUndefined();
    expect(p256SignatureOf(good.subarray(0, -1))).toBeUndefined();
    expect(p256SignatureOf(new Uint8Array())).toBeUndefined();
    for (const [at, value] of [
      [0, 0x31],
      [1, 9],
      [2, 3],
      [5, 3],
    ] as const) {
      const changed = Buffer.from(good);
      changed[at] = value;
      expect(p256SignatureOf(changed), `${at}`).toBeUndefined();
    }
  });

  test('an ECDSA signature has a low s up to half of the order', () => {
    const half = ORDER >> 1n;
    expect([half, half + 1n].map(s => isLowS({ r: 1n, s }))).toEqual([true, false]);
    expect(Buffer.from(withLowS(der(3n, half)))).toEqual(der(3n, half));
    expect(Buffer.from(withLowS(der(3n, half + 1n)))).toEqual(der(3n, ORDER - half - 1n));
    const none = Buffer.from('none');
    expect(withLowS(none)).toBe(none);
  });
});

describe('the file of a key', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-key-'));
  const path = join(folder, 'key.json');
  const key = newSigningKey();
  afterAll(() => rmSync(folder, { recursive: true }));

  test('the file of a key is for its owner only, is read as it was written, and is never written over', () => {
    writeKeyFile(path, key);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readKeyFile(path)).toMatchObject({ kid: key.kid, publicJwk: key.publicJwk });
    expect(() => writeKeyFile(path, newSigningKey())).toThrow(
      expect.objectContaining({ code: 'FILE_UNREADABLE', message: expect.stringContaining('EEXIST') }),
    );
    expect(readFileSync(path, 'utf8')).toBe(keyFileText(key));
  });

  test('the file of a key that others may read is refused', () => {
    const open = join(folder, 'open.json');
    writeFileSync(open, keyFileText(key));
    chmodSync(open, 0o644);
    expect(() => readKeyFile(open)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^FILE_/) }),
    );
  });

  test.each([
    ['no JSON', '{'],
    ['a public key alone', JSON.stringify(key.publicJwk)],
    ['a member more', JSON.stringify({ ...key.privateKey.export({ format: 'jwk' }), more: 1 })],
    ['a private part of another length', JSON.stringify({ ...key.publicJwk, d: 'AA' })],
  ])('the file of a key with %s is refused, and the error does not quote it', (_what, text) => {
    const odd = join(folder, 'odd.json');
    writeFileSync(odd, text, { mode: 0o600 });
    expect(() => readKeyFile(odd)).toThrow(
      expect.objectContaining({
        code: 'FILE_UNREADABLE',
        message: `the key file ${odd} is not an Ed25519 JWK with its private part`,
      }),
    );
  });
});

describe('a public key', () => {
  const { publicJwk } = KEYS.bob;

  test.each([
    ['longer', `${publicJwk.x}A`],
    ['shorter', publicJwk.x.slice(1)],
    ['with padding', `${publicJwk.x.slice(1)}=`],
    ['with another character before', `+${publicJwk.x}`],
  ])('a public key is not %s', (_what, x) => {
    expect(publicJwkSchema.safeParse({ ...publicJwk, x }).success).toBe(false);
  });

  test('a public key is Ed25519 and nothing else', () => {
    expect(publicJwkSchema.safeParse(publicJwk).success).toBe(true);
    for (const change of [{ kty: 'EC' }, { crv: 'X25519' }, { d: 'A'.repeat(43) }])
      expect(publicJwkSchema.safeParse({ ...publicJwk, ...change }).success).toBe(false);
  });
});

describe('the key of a passkey', () => {
  const { publicJwk } = newPasskey();
  const takes = (change: object, passkey: object = {}): boolean =>
    passkeyJwkSchema.safeParse({ ...publicJwk, ...change, passkey: { ...publicJwk.passkey, ...passkey } })
      .success;

  test('the key of a passkey has coordinates of 32 bytes in base64url', () => {
    const { x } = publicJwk;
    expect(takes({})).toBe(true);
    for (const wrong of [x.slice(1), `${x}A`, `${x.slice(1)}=`, `${x.slice(1)}+`, `${'A'.repeat(42)}B`, ''])
      expect(takes({ x: wrong }), wrong).toBe(false);
  });

  test('the key of a passkey has a credential id of at most 1023 bytes, a domain, and one to eight pages', () => {
    const id = (bytes: number): string => Buffer.alloc(bytes, 1).toString('base64url');
    expect(takes({}, { credentialId: id(1023) })).toBe(true);
    for (const credentialId of [id(1024), '', 'AA==', 'AB', '!AA'])
      expect(takes({}, { credentialId }), credentialId).toBe(false);
    for (const rpId of ['a', 'localhost', 'console.example', `a${'b'.repeat(251)}c`])
      expect(takes({}, { rpId }), rpId).toBe(true);
    for (const rpId of ['', '.a', 'a.', 'A', 'a b', `a${'b'.repeat(252)}c`, 'a\n'])
      expect(takes({}, { rpId }), rpId).toBe(false);
    const page = 'https://console.example';
    for (const origins of [
      [page],
      Array(8).fill(page),
      ['http://[::1]:8440'],
      [`https://${'a'.repeat(255)}`],
    ])
      expect(takes({}, { origins })).toBe(true);
    for (const origin of [
      'ftp://a',
      'https://',
      'https://A',
      `${page}/`,
      ` ${page}`,
      `https://${'a'.repeat(256)}`,
    ])
      expect(takes({}, { origins: [origin] }), origin).toBe(false);
    expect(takes({}, { origins: [] })).toBe(false);
    expect(takes({}, { origins: Array(9).fill(page) })).toBe(false);
    expect(takes({}, { more: 1 })).toBe(false);
  });
});
