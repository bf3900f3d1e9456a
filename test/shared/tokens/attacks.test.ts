import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  digestText,
  type KeyPair,
  type Keyring,
  publicKeyOf,
  sha256,
  splitCanonicalToken,
  TOKEN_KINDS,
  TOKEN_LIMIT_CHARS,
  type TokenKind,
} from '../../../shared/tokens/index.ts';
import { claimsIn, KEYS, SITE, tokenOf } from '../../kit/cast.ts';

const NOW_S = 1_900_000_000;
const NOW_MS = NOW_S * 1000;
const { bob, mallory } = KEYS;
const keyring: Keyring = new Map([
  [bob.kid, { owner: 'bob', key: publicKeyOf(bob.publicJwk) }],
  [mallory.kid, { owner: 'mallory', key: publicKeyOf(mallory.publicJwk) }],
]);

const HEADER = { alg: 'EdDSA', typ: 'farcall-approval+jwt', kid: bob.kid };
const CLAIMS = {
  iss: 'bob',
  aud: 'farcall-host',
  site: SITE,
  iat: NOW_S,
  exp: NOW_S + 3600,
  req: digestText(sha256(Buffer.from('request'))),
  decision: 'approve',
};

const encode = (value: string | object): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token with a signature that holds, whatever stands in it: the attacker may own a key that is pinned. */
function forge(header: string | object, payload: string | object, key: KeyObject = bob.privateKey): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
}

const verify = (token: string, kind: TokenKind = 'approval', nowMs = NOW_MS) =>
  claimsIn(kind, token, { keyring, nowMs });

const refused = (token: string, code: string, nowMs = NOW_MS) =>
  expect(verify(token, 'approval', nowMs)).rejects.toMatchObject({ code });

/** The same bits of a base64url text, spelled otherwise: its last character has bits that nobody reads. */
function respell(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(text.at(-1)!);
  const other = [...alphabet].find(
    char =>
      alphabet.indexOf(char) !== last &&
      Buffer.from(text.slice(0, -1) + char, 'base64url').equals(Buffer.from(text, 'base64url')),
  );
  if (!other) throw new Error('this text has one spelling');
  return text.slice(0, -1) + other;
}

describe('a token that is as it should be', () => {
  test('a token that is as it should be is taken, by hand or by the library', async () => {
    expect((await verify(forge(HEADER, CLAIMS))).signer).toBe('bob');
    const made = await tokenOf('approval', { ...CLAIMS, decision: 'approve' }, bob);
    expect((await verify(made)).claims).toEqual(CLAIMS);
  });
});

describe('RFC 8725, 2.1 and 3.1: algorithms', () => {
  test.each([
    'none',
    'None',
    'NONE',
    'nOnE',
    'HS256',
    'ES256',
    'RS256',
    'PS256',
    'Ed25519',
    'eddsa',
    '',
    'EdDSA ',
  ])('alg %j is refused', alg => refused(forge({ ...HEADER, alg }, CLAIMS), 'TOKEN_INVALID'));

  test('no algorithm, or one of another type, is refused', async () => {
    const { alg: _, ...none } = HEADER;
    await refused(forge(none, CLAIMS), 'TOKEN_INVALID');
    await refused(forge({ ...HEADER, alg: ['EdDSA'] }, CLAIMS), 'TOKEN_INVALID');
  });

  test('an empty signature is refused', () =>
    refused(`${encode({ ...HEADER, alg: 'none' })}.${encode(CLAIMS)}.`, 'TOKEN_INVALID'));

  test('an HMAC with the public key as its secret is refused', async () => {
    for (const secret of [bob.publicJwk.x, JSON.stringify(bob.publicJwk)]) {
      const input = `${encode({ ...HEADER, alg: 'HS256' })}.${encode(CLAIMS)}`;
      const mac = createHmac('sha256', secret).update(input).digest('base64url');
      await refused(`${input}.${mac}`, 'TOKEN_INVALID');
    }
  });

  test('a signature by a key of another curve is refused', () => {
    const { privateKey } = generateKeyPairSync('ed448');
    return refused(forge(HEADER, CLAIMS, privateKey), 'TOKEN_SIGNATURE');
  });
});

describe('RFC 8725, 2.9 and 3.10: keys that the token brings along', () => {
  const own = mallory.publicJwk;
  test.each([
    ['jwk', { jwk: own }],
    ['jku', { jku: 'https://attacker.example/keys' }],
    ['x5u', { x5u: 'https://attacker.example/cert' }],
    ['x5c', { x5c: ['MII='] }],
    ['x5t', { x5t: 'abc' }],
    ['crit', { crit: ['exp'] }],
    ['an unknown crit', { crit: ['b64'], b64: false }],
    ['zip', { zip: 'DEF' }],
    ['cty', { cty: 'JWT' }],
    ['nothing that anybody knows', { note: 1 }],
  ])('%s in the header is refused', (_, extra) =>
    refused(forge({ ...HEADER, ...extra }, CLAIMS), 'TOKEN_INVALID'),
  );

  test.each([
    ['an unknown key', 'k'.repeat(43)],
    ['a path', '../../etc/passwd'],
    ['SQL', "' or 1=1 --"],
    ['a name of every object', '__proto__'],
    ['another name of every object', 'constructor'],
  ])('a kid that is %s is refused', (_, kid) =>
    refused(forge({ ...HEADER, kid }, CLAIMS), 'TOKEN_KEY_UNKNOWN'),
  );

  test('a kid that is no string, or missing, is refused', async () => {
    await refused(forge({ ...HEADER, kid: [bob.kid] }, CLAIMS), 'TOKEN_INVALID');
    await refused(forge({ alg: 'EdDSA', typ: HEADER.typ }, CLAIMS), 'TOKEN_INVALID');
  });

  test("another person's key does not sign in bob's name", async () => {
    await refused(forge({ ...HEADER, kid: mallory.kid }, CLAIMS, mallory.privateKey), 'TOKEN_CLAIMS');
    await refused(forge(HEADER, CLAIMS, mallory.privateKey), 'TOKEN_SIGNATURE');
  });
});

describe('RFC 8725, 2.8 and 3.11 to 3.12: one kind of token for another', () => {
  const kinds = Object.keys(TOKEN_KINDS) as TokenKind[];

  test.each(kinds.filter(kind => kind !== 'approval'))('an approval is not taken as %s', async kind => {
    await expect(verify(forge(HEADER, CLAIMS), kind)).rejects.toMatchObject({ code: 'TOKEN_CLAIMS' });
  });

  test.each(['JWT', 'jwt', 'FARCALL-APPROVAL+JWT', 'application/farcall-approval+jwt', undefined])(
    'typ %j is refused',
    typ => refused(forge({ ...HEADER, typ }, CLAIMS), 'TOKEN_CLAIMS'),
  );

  test('every kind has a typ of its own', () => {
    expect(new Set(kinds.map(kind => TOKEN_KINDS[kind].typ)).size).toBe(kinds.length);
  });

  test.each(['farcall-controller', '', 'Farcall-Host', ['farcall-host'], undefined])(
    'audience %j is refused',
    aud => refused(forge(HEADER, { ...CLAIMS, aud }), 'TOKEN_CLAIMS'),
  );

  test.each(['Bob', 'bob ', '', undefined, ['bob']])('issuer %j is refused', iss =>
    refused(forge(HEADER, { ...CLAIMS, iss }), 'TOKEN_CLAIMS'),
  );
});

describe('RFC 8725, 2.7 and 3.7: spellings', () => {
  const [header, payload, signature] = forge(HEADER, CLAIMS).split('.') as [string, string, string];

  test.each([
    ['unused bits in the signature', `${header}.${payload}.${respell(signature)}`],
    ['padding', `${header}.${payload}.${signature}==`],
    ['padding in the payload', `${header}.${payload}=.${signature}`],
    ['a space', `${header}.${payload}. ${signature}`],
    ['a line feed at the end', `${header}.${payload}.${signature}\n`],
    ['the letters of base64', `${header}.${payload}.${signature.replaceAll('-', '+').replaceAll('_', '/')}+`],
    ['a fourth part', `${header}.${payload}.${signature}.`],
    ['five parts, as of an encrypted token', `${header}.${payload}.${signature}.x.y`],
    ['the JSON serialisation', JSON.stringify({ protected: header, payload, signature })],
    ['nothing', ''],
    ['two dots', '..'],
  ])('%s is refused', (_, token) => refused(token, 'TOKEN_INVALID'));

  test.each([
    ['white space', JSON.stringify(CLAIMS, null, 1)],
    ['a member twice', JSON.stringify(CLAIMS).replace('{', '{"iss":"mallory",')],
    [
      'a member twice, the second spelled with an escape',
      JSON.stringify(CLAIMS).replace('{', '{"\\u0069ss":"mallory",'),
    ],
    ['an escape that nobody needs', JSON.stringify(CLAIMS).replace('bob', '\\u0062ob')],
    ['another spelling of a number', JSON.stringify(CLAIMS).replace(`"iat":${NOW_S}`, `"iat":${NOW_S}.0`)],
    ['an exponent', JSON.stringify(CLAIMS).replace(`"iat":${NOW_S}`, '"iat":1.9e9')],
    ['a byte order mark', `\ufeff${JSON.stringify(CLAIMS)}`],
    ['something behind it', `${JSON.stringify(CLAIMS)}{}`],
    ['an array', `[${JSON.stringify(CLAIMS)}]`],
    ['null', 'null'],
    ['a text', '"approve"'],
    ['nothing', ''],
  ])('%s in the payload is refused, however well it is signed', (_, json) =>
    refused(forge(HEADER, json), 'TOKEN_INVALID'),
  );

  test('bytes that are not UTF-8 are refused', () => {
    const json = Buffer.from(JSON.stringify({ ...CLAIMS, reason: 'x' }));
    json[json.lastIndexOf('x')] = 0xff;
    const input = `${encode(HEADER)}.${json.toString('base64url')}`;
    return refused(
      `${input}.${sign(null, Buffer.from(input), bob.privateKey).toString('base64url')}`,
      'TOKEN_INVALID',
    );
  });

  test('what is too long is not looked at', () => {
    expect(() => splitCanonicalToken('a'.repeat(TOKEN_LIMIT_CHARS + 1))).toThrow('limit');
  });

  test('members that nobody knows, or that every object has, are refused', async () => {
    await refused(forge(HEADER, { ...CLAIMS, admin: true }), 'TOKEN_CLAIMS');
    const json = JSON.stringify(CLAIMS).replace('{', '{"__proto__":{"decision":"approve"},');
    await expect(verify(forge(HEADER, json))).rejects.toThrow();
  });
});

describe('times', () => {
  const at = (iat: number, exp: number): string => forge(HEADER, { ...CLAIMS, iat, exp });
  test.each([
    ['expired', at(NOW_S - 100, NOW_S - 31)],
    ['made in the future', at(NOW_S + 31, NOW_S + 100)],
    ['older than its kind may be', at(NOW_S - TOKEN_KINDS.approval.maxAgeS - 31, NOW_S + 1)],
  ])('a token that is %s is refused', (_, token) => refused(token, 'TOKEN_EXPIRED'));

  test.each([
    ['lives longer than its kind may', at(NOW_S, NOW_S + TOKEN_KINDS.approval.maxAgeS + 1)],
    ['has a time that is no number', forge(HEADER, { ...CLAIMS, exp: String(NOW_S + 60) })],
    ['has a time with a fraction', forge(HEADER, { ...CLAIMS, exp: NOW_S + 60.5 })],
    ['has a negative time', forge(HEADER, { ...CLAIMS, iat: -1 })],
    ['never ends', forge(HEADER, { ...CLAIMS, exp: undefined })],
    ['ends far beyond all dates', forge(HEADER, { ...CLAIMS, exp: Number.MAX_SAFE_INTEGER })],
  ])('a token that %s is refused', (_, token) => refused(token, 'TOKEN_CLAIMS'));
});

describe('every single flipped bit', () => {
  test('every single flipped bit of a token spoils it', async () => {
    const token = Buffer.from(await forgeOnce(bob));
    for (let index = 0; index < token.length; index += 1) {
      const copy = Buffer.from(token);
      copy[index]! ^= 1 << (index % 7);
      await expect(verify(copy.toString('latin1')), `byte ${index}`).rejects.toThrow();
    }
  });
});

const forgeOnce = async (key: KeyPair): Promise<string> =>
  forge({ ...HEADER, kid: key.kid }, CLAIMS, key.privateKey);
