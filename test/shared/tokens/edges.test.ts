import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FarcallError } from '../../../shared/errors/index.ts';
import {
  deviceKey,
  digestText,
  keyFileText,
  keyPairOfSeed,
  newSigningKey,
  type PasskeyAssertion,
  passkeyChallenge,
  passkeySigningInput,
  providerKeys,
  publicJwkSchema,
  publicKeyOf,
  readKeyFile,
  sha256,
  signedAtMs,
  splitCanonicalToken,
  TOKEN_LIMIT_CHARS,
  tokenDigest,
  verifyPasskeyAssertion,
  verifyToken,
} from '../../../shared/tokens/index.ts';
import { verifySignature } from '../../../shared/tokens/verify-signature.ts';
import { KEYS, SITE, tokenOf } from '../../kit/cast.ts';
import { assertionBy, newPasskey, ORIGIN, RP_ID } from '../../kit/keys/passkey-kit.ts';

const part = (value: string | object): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

describe('the text of a token', () => {
  test('the text of a token is looked at up to its limit, and not beyond', () => {
    const long = (chars: number): string => `A.${'A'.repeat(chars - 4)}.A`;
    expect(() => splitCanonicalToken(long(TOKEN_LIMIT_CHARS))).toThrow(/canonical base64url/);
    expect(() => splitCanonicalToken(long(TOKEN_LIMIT_CHARS + 1))).toThrow(
      /8193 characters are over the limit/,
    );
  });

  test.each([
    ['the payload is not JSON', `${part({})}.${part('{')}.AA`],
    ['the header is not JSON', `${part('x')}.${part({})}.AA`],
    ['the payload is not UTF-8', `${part({})}._w.AA`],
    ['the payload is not an object', `${part({})}.${part('[]')}.AA`],
    ['not three parts with a dot between', `${part({})}.${part({})}`],
    ['not three parts with a dot between', `${part({})}.${part({})}.`],
  ])('the text of a token is refused because %s', (why, token) => {
    expect(() => splitCanonicalToken(token)).toThrow(
      expect.objectContaining({ code: 'TOKEN_INVALID', message: `token: ${why}` }),
    );
  });

  test.each(['text', '.text'])('the text of a token has something before its signature: %s', async text => {
    const key = publicKeyOf(KEYS.bob.publicJwk);
    await expect(verifySignature(text, key, { algorithms: ['EdDSA'], what: 'it' })).rejects.toMatchObject({
      ...{ code: 'TOKEN_INVALID', message: 'it: not a compact JWS' },
    });
  });

  test('the text of a token tells when it was signed, without any key', async () => {
    const claims = { iss: 'bob', iat: 1_900_000_000, exp: 1_900_000_060, req: 'A'.repeat(43) };
    const token = await tokenOf('approval', { ...claims, decision: 'approve' }, KEYS.bob);
    expect(signedAtMs(token)).toBe(1_900_000_000_000);
    for (const payload of [{}, { iat: '1' }, { iat: 1.5 }, { iat: 2 ** 53 }, { iat: null }])
      expect(() => signedAtMs(`${part({})}.${part(payload)}.AA`)).toThrow(
        expect.objectContaining({ code: 'TOKEN_INVALID' }),
      );
  });
});

describe('a signature', () => {
  const ed25519 = generateKeyPairSync('ed25519');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const inputOf = (alg: string): string => `${part({ alg })}.${part({})}`;
  const made = (alg: string, key: KeyObject, digest: string | null): string => {
    const signature = sign(digest, Buffer.from(inputOf(alg)), { key, dsaEncoding: 'ieee-p1363' });
    return `${inputOf(alg)}.${signature.toString('base64url')}`;
  };
  const verdict = (token: string, key: KeyObject, ...algorithms: string[]): Promise<string> =>
    verifySignature(token, key, { algorithms, what: 'it' }).then(
      () => 'holds',
      ({ code }) => code,
    );

  test('a signature of another algorithm is checked by that, and a wrong one is told from what is none', async () => {
    const token = made('ES256', p256.privateKey, 'sha256');
    expect(await verdict(token, p256.publicKey, 'ES256')).toBe('holds');
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(await verdict(token, other.publicKey, 'ES256')).toBe('TOKEN_SIGNATURE');
    expect(await verdict('text', p256.publicKey, 'ES256')).toBe('TOKEN_INVALID');
    expect(await verdict(made('RS256', rsa.privateKey, 'sha256'), rsa.publicKey, 'RS256')).toBe('holds');
  });

  test('a signature counts by the algorithms that the caller names, whatever key there is', async () => {
    const token = made('EdDSA', ed25519.privateKey, null);
    expect(await verdict(token, ed25519.publicKey, 'EdDSA')).toBe('holds');
    expect(await verdict(token, ed25519.publicKey, 'EdDSA', 'ES256')).toBe('holds');
    expect(await verdict(token, ed25519.publicKey, 'ES256')).toBe('TOKEN_INVALID');
    // node:crypto would verify this one by the default digest of the key.
    expect(await verdict(made('EdDSA', rsa.privateKey, null), rsa.publicKey, 'EdDSA')).toBe('TOKEN_INVALID');
  });
});

describe('a key in a text', () => {
  test('a key in a text of 32 bytes is that of RFC 8032, and so is its signature', async () => {
    const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
    const pair = keyPairOfSeed(seed);
    const key = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');
    expect(pair.publicJwk.x).toBe(key.toString('base64url'));
    expect(Buffer.from(await pair.sign(new Uint8Array())).toString('hex')).toMatch(
      /^e5564300c360ac729086e2cc/,
    );
  });

  test('a key in a text has one spelling, which the bits that stand for nothing do not change', () => {
    const { publicJwk } = newSigningKey();
    expect(publicJwkSchema.safeParse(publicJwk).success).toBe(true);
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = letters[letters.indexOf(publicJwk.x.at(-1)!) + 1]!;
    const other = `${publicJwk.x.slice(0, -1)}${last}`;
    expect(Buffer.from(other, 'base64url')).toEqual(Buffer.from(publicJwk.x, 'base64url'));
    expect(publicJwkSchema.safeParse({ ...publicJwk, x: other }).success).toBe(false);
  });

  test('a key in a text is none with a character before or behind its private part', () => {
    const folder = mkdtempSync(join(tmpdir(), 'farcall-keys-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const text = keyFileText(newSigningKey());
    const { d, ...rest } = JSON.parse(text);
    for (const [index, changed] of [`!${d}`, `${d}!`].entries()) {
      const path = join(folder, String(index));
      writeFileSync(path, JSON.stringify({ ...rest, d: changed }), { mode: 0o600 });
      expect(() => readKeyFile(path)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
    }
  });
});

test('the digest of a token is the SHA-256 of its text', () => {
  expect(tokenDigest('a.b.c')).toBe(digestText(sha256(Buffer.from('a.b.c'))));
});

test('a token of a kind without an end of its own counts years later', async () => {
  const iat = 1_500_000_000;
  const token = await tokenOf('trust', { iss: 'bob', iat, version: 1, sha256: 'A'.repeat(43) }, KEYS.bob);
  const keyring = new Map([[KEYS.bob.kid, { owner: 'bob', key: publicKeyOf(KEYS.bob.publicJwk) }]]);
  const nowMs = (iat + 20 * 365 * 24 * 3600) * 1000;
  expect(await verifyToken('trust', token, { site: SITE, keyring, nowMs })).toMatchObject({ signer: 'bob' });
});

describe('the reason that somebody signs', () => {
  const lock = {
    iss: 'bob',
    iat: 1_900_000_000,
    exp: 1_900_000_060,
    jti: 'lock-0001',
    what: 'host',
    name: 'web-1',
  };

  test('the reason that somebody signs says something', async () => {
    const signed = (reason: string) => tokenOf('lock', { ...lock, reason } as never, KEYS.bob);
    await expect(signed('its disk was stolen')).resolves.toContain('.');
    for (const reason of ['', ' ', '\n\t'])
      await expect(signed(reason), JSON.stringify(reason)).rejects.toMatchObject({ code: 'TOKEN_CLAIMS' });
  });
});

describe('a key in a device', () => {
  const pair = newSigningKey();
  const data = Buffer.from('what is signed');

  test('a key in a device signs as it is, and has the id of its public half', async () => {
    const key = deviceKey(pair.publicJwk, 'the token', bytes => pair.sign(bytes));
    expect(key).toMatchObject({ kid: pair.kid, publicJwk: pair.publicJwk });
    expect(await key.sign(data)).toEqual(await pair.sign(data));
  });

  test('a key in a device lets no signature out that is by another key', async () => {
    const key = deviceKey(pair.publicJwk, 'the token', bytes => newSigningKey().sign(bytes));
    await expect(key.sign(data)).rejects.toMatchObject({
      code: 'KEY_WRONG',
      message: expect.stringContaining(`the token made a signature that is not by its key ${pair.kid}`),
    });
  });
});

describe('the claims of a checkpoint', () => {
  const { bob } = KEYS;
  const good = { store: '0123456789abcdef'.repeat(2), seq: 2, hash: 'A'.repeat(43) };
  const verdict = async (changes: object): Promise<string> => {
    const claims = { iss: 'bob', iat: 1_900_000_000, exp: 1_900_000_060, ...good, ...changes };
    const token = await tokenOf('checkpoint', claims as never, bob).catch(({ code }) => String(code));
    const keyring = new Map([[bob.kid, { owner: 'bob', key: publicKeyOf(bob.publicJwk) }]]);
    return verifyToken('checkpoint', token, { site: SITE, keyring, nowMs: 1_900_000_000_000 }).then(
      ({ signer }) => signer,
      ({ code }) => code,
    );
  };

  test('the claims of a checkpoint are a store, a number from 1 and a digest, each of its length', async () => {
    expect(await verdict({})).toBe('bob');
    expect(await verdict({ seq: 1 })).toBe('bob');
    const { store, hash } = good;
    for (const changes of [
      ...[{ seq: 0 }, { store: `0${store}` }, { store: `${store}0` }, { store: store.slice(1) }],
      ...[{ hash: `A${hash}` }, { hash: `${hash}A` }, { hash: hash.slice(1) }, { hash: `${hash}\n` }],
    ])
      expect(await verdict(changes), JSON.stringify(changes)).not.toBe('bob');
  });
});

describe('what a passkey on Ed25519 signs', () => {
  const passkey = newPasskey('Ed25519');
  const challenge = passkeyChallenge('input');
  const trusted = { key: publicKeyOf(passkey.publicJwk), use: passkey.publicJwk.passkey };
  const failure = (changes: Partial<PasskeyAssertion>): { code?: string; message?: string } => {
    try {
      const assertion = { ...assertionBy(passkey, challenge), ...changes };
      verifyPasskeyAssertion({ assertion, challenge }, trusted, 'it');
      return {};
    } catch (error) {
      return error as FarcallError;
    }
  };

  test('what a passkey on Ed25519 signs counts by its own signature of 64 bytes alone', () => {
    const { signature } = assertionBy(passkey, challenge);
    expect(failure({ signature }).code).toBeUndefined();
    const flipped = Buffer.from(signature);
    flipped[40]! ^= 1;
    for (const other of [
      ...[flipped, signature.subarray(0, 63), Buffer.concat([signature, Buffer.alloc(1)]), Buffer.alloc(0)],
      assertionBy(newPasskey('Ed25519'), challenge).signature,
    ])
      expect(failure({ signature: other }).code).toBe('TOKEN_SIGNATURE');
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['no JSON', Buffer.from('{'), /is not JSON/],
    [
      'not UTF-8',
      Buffer.concat([Buffer.from('{"type":"'), Buffer.from([0xff]), Buffer.from('"}')]),
      /is not JSON/,
    ],
    ['a number', Buffer.from('5'), /is not an object/],
    ['a text', Buffer.from('"webauthn.get"'), /is not an object/],
    ['nothing', Buffer.from('null'), /is not an object/],
    ['a list', Buffer.from('[]'), /is not an object/],
  ])(
    'what a passkey on Ed25519 signs is refused if its client data is %s',
    (_what, clientDataJSON, message) => {
      expect(failure({ clientDataJSON })).toMatchObject({
        code: 'TOKEN_INVALID',
        message: expect.stringMatching(message),
      });
    },
  );
});

describe('what a passkey is asked to sign', () => {
  const { kid } = newPasskey();
  const order = { iss: 'bob', site: SITE, iat: 1, exp: 2, req: 'A'.repeat(43) };

  test('what a passkey is asked to sign is a decision about a request, with the claims of its kind', () => {
    expect(() => passkeySigningInput('request', order, kid)).not.toThrow();
    const refusal = expect.objectContaining({ code: 'TOKEN_CLAIMS' });
    expect(() => passkeySigningInput('request', { ...order, req: 'short' }, kid)).toThrow(refusal);
    const statement = { iss: 'bob', site: SITE, iat: 1, version: 1, sha256: 'A'.repeat(43) };
    expect(() => passkeySigningInput('trust', statement, kid)).toThrow(refusal);
  });

  test('an assertion says nothing of frames where a browser does not', () => {
    const passkey = newPasskey('Ed25519');
    const challenge = passkeyChallenge('input');
    const trusted = { key: publicKeyOf(passkey.publicJwk), use: passkey.publicJwk.passkey };
    const checked = (clientData: object) => () =>
      verifyPasskeyAssertion(
        { assertion: assertionBy(passkey, challenge, { clientData: { ...clientData } }), challenge },
        trusted,
        'it',
      );
    expect(checked({ crossOrigin: undefined })).not.toThrow();
    expect(checked({ crossOrigin: false })).not.toThrow();
    expect(checked({ crossOrigin: 'false' })).toThrow(expect.objectContaining({ code: 'TOKEN_CLAIMS' }));
  });

  test('a passkey with a key of another kind is a fault', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const challenge = sha256(Buffer.from('x'));
    const use = { credentialId: 'AA', rpId: RP_ID, origins: [ORIGIN] };
    const assertion = { ...assertionBy(newPasskey(), challenge), signature: Buffer.alloc(256) };
    expect(() => verifyPasskeyAssertion({ assertion, challenge }, { key: publicKey, use }, 'it')).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });
});

test('the keys of a provider are fetched from its address by the function that is given', async () => {
  const asked: string[] = [];
  const { publicKey } = generateKeyPairSync('ed25519');
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'EdDSA' };
  const keys = providerKeys(new URL('https://id.example/keys'), async address => {
    asked.push(String(address));
    return new Response(JSON.stringify({ keys: [jwk] }), { headers: { 'content-type': 'application/json' } });
  });
  await expect(keys({ alg: 'EdDSA', kid: 'one' }, { payload: '', signature: '' })).resolves.toBeDefined();
  expect(asked).toEqual(['https://id.example/keys']);
});
