import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPkcs11SigningKey, openSigningKey } from '../../../shared/keys/index.ts';
import { ed25519Point } from '../../../shared/pkcs11/ed25519-attribute.ts';
import { parsePkcs11Uri, pkcs11Token } from '../../../shared/pkcs11/index.ts';
import { digestText, type SigningKey, sha256 } from '../../../shared/tokens/index.ts';
import { keyringOf } from '../../../shared/trust/index.ts';
import { claimsIn, tokenOf } from '../../kit/cast.ts';
import { codeOf } from '../../kit/controller-kit.ts';
import { makeModuleKey } from '../../kit/keys/module-key-kit.ts';
import { PIN, SOFTHSM, type SoftToken, softToken } from '../../kit/keys/soft-token.ts';

const IAT = 1_790_000_000;

describe('an Ed25519 key in a token', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-token-'));
  let token: SoftToken;
  const open = (label: string): Promise<SigningKey> => openSigningKey(token.uriOf(label), { env: {} });

  beforeAll(() => {
    token = softToken(join(folder, 'token'), 'people');
    token.generate('alice', 'a1');
    token.generate('twice', 'b1');
    token.generate('twice', 'b2');
    token.generate('careful', 'c1', '--always-auth');
    token.add(makeModuleKey(folder, 'rsa').key, 'rsa', 'd1');
  });
  afterAll(() => {
    token[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });

  test('a token of farcall that a key in a PKCS#11 token has signed is verified as any other', async () => {
    const key = await open('alice');
    const content = {
      iss: 'ctl-1',
      iat: IAT,
      exp: IAT + 60,
      version: 1,
      sha256: digestText(sha256(Buffer.of())),
    };
    const signed = await tokenOf('freshness', content, key);
    const keyring = keyringOf([{ name: 'ctl-1', keys: [key.publicJwk] }]);
    expect((await claimsIn('freshness', signed, { keyring, nowMs: IAT * 1000 })).signer).toBe('ctl-1');
  });

  test('a key that farcall makes in a PKCS#11 token signs there, and cannot be read out of it', async () => {
    const publicJwk = await newPkcs11SigningKey(token.uriOf('made'));
    const key = await open('made');
    expect(key.publicJwk).toEqual(publicJwk);
    expect(await key.sign(Buffer.from('text'))).toHaveLength(64);
    expect(token.describe('made')).toMatch(/Access: +sensitive, always sensitive, never extractable, local$/);
    expect(token.describe('made')).toMatch(/Usage: +sign$/m);
  });

  test('a key that farcall makes in a PKCS#11 token takes no place of another, and wants the PIN', async () => {
    expect(await codeOf(newPkcs11SigningKey(token.uriOf('alice')))).toBe('CONFLICT');
    expect((await open('alice')).kid).toBe((await open('alice')).kid);
    expect(await codeOf(newPkcs11SigningKey(token.uriOf('other', false)))).toBe('KEY_REFUSED');
    expect(await codeOf(open('other'))).toBe('KEY_UNAVAILABLE');
    const asked: string[] = [];
    const askPin = async (name: string): Promise<string> => {
      asked.push(name);
      return PIN;
    };
    const publicJwk = await newPkcs11SigningKey(token.uriOf('asked', false), askPin);
    expect([asked, (await open('asked')).publicJwk]).toEqual([['people'], publicJwk]);
  });

  test('a key in a PKCS#11 token signs what is longer than a page', async () => {
    const signature = await (await open('alice')).sign(Buffer.alloc(60_000, 'x'));
    expect(signature).toHaveLength(64);
  });

  test('a key that wants the PIN for each signature gets it', async () => {
    const key = await open('careful');
    for (const text of ['one', 'two']) expect(await key.sign(Buffer.from(text))).toHaveLength(64);
  });

  test.each([
    [
      'a library that is not there',
      'pkcs11:token=people;object=alice?module-path=/nowhere/lib.so',
      /cannot be loaded/,
    ],
    [
      'a file that is no library',
      `pkcs11:token=people;object=alice?module-path=/etc/passwd`,
      /cannot be loaded/,
    ],
    [
      'a token that is not there',
      `pkcs11:token=other;object=alice?module-path=${SOFTHSM}`,
      /has no token 'other'; it has people/,
    ],
    [
      'a key that is not there',
      `pkcs11:token=people;object=eve?module-path=${SOFTHSM}`,
      /has no public key 'eve'/,
    ],
    [
      'two keys of one label',
      `pkcs11:token=people;object=twice?module-path=${SOFTHSM}`,
      /several keys 'twice'/,
    ],
    [
      'another id than that of the label',
      `pkcs11:token=people;object=alice;id=%b1?module-path=${SOFTHSM}`,
      /has no public key/,
    ],
    ['an RSA key', `pkcs11:token=people;object=rsa?module-path=${SOFTHSM}`, /'rsa' is not an Ed25519 key/],
  ])('%s is named by the error', async (_what, uri, message) => {
    await expect(openSigningKey(uri, { env: {} })).rejects.toMatchObject({
      ...{ code: 'KEY_UNAVAILABLE', message: expect.stringMatching(message) },
    });
  });

  test('one of two keys of a label is named by its id', async () => {
    const uri = `pkcs11:token=people;object=twice;id=%b2?module-path=${SOFTHSM}`;
    expect((await openSigningKey(uri, { env: {} })).kid).toHaveLength(43);
  });

  test('a wrong PIN is given to the token once, and a file with the right one afterwards works', async () => {
    const key = await open('alice');
    writeFileSync(token.pinFile, '9999');
    const refused = { code: 'KEY_REFUSED', message: expect.stringContaining('the PIN is wrong') };
    await expect(key.sign(Buffer.from('x'))).rejects.toMatchObject(refused);
    await expect(key.sign(Buffer.from('x'))).rejects.toThrow(/it is not tried again/);
    writeFileSync(token.pinFile, PIN);
    expect(await key.sign(Buffer.from('x'))).toHaveLength(64);
  });

  test('a person is asked for the PIN once, and only if something is signed', async () => {
    const asked: string[] = [];
    const askPin = async (name: string): Promise<string> => {
      asked.push(name);
      return PIN;
    };
    const key = await openSigningKey(token.uriOf('alice', false), { env: {}, askPin });
    expect(asked).toEqual([]);
    await key.sign(Buffer.from('x'));
    await key.sign(Buffer.from('y'));
    expect(asked).toEqual(['people']);
  });

  test('a token whose PIN nobody can give signs nothing', async () => {
    const alone = await openSigningKey(token.uriOf('alice', false), { env: {} });
    await expect(alone.sign(Buffer.from('x'))).rejects.toThrow(/no terminal to ask on/);
    const silent = await openSigningKey(token.uriOf('alice', false), {
      env: {},
      askPin: async () => undefined,
    });
    await expect(silent.sign(Buffer.from('x'))).rejects.toThrow(/no PIN was given/);
  });

  test('a PIN file that others may read is refused', async () => {
    const readable = join(folder, 'readable-pin');
    writeFileSync(readable, PIN, { mode: 0o644 });
    const uri = `${token.uriOf('alice', false)}&pin-source=file:${readable}`;
    const key = await openSigningKey(uri, { env: {} });
    await expect(key.sign(Buffer.from('x'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  test('the PIN is neither on the command line nor in the environment of the process of a token', async () => {
    await (await open('alice')).sign(Buffer.from('x'));
    const processes = childrenOf(process.pid).filter(pid => commandOf(pid).includes('token-process'));
    expect(processes.length).toBeGreaterThan(0);
    for (const pid of processes)
      expect(commandOf(pid) + readFileSync(`/proc/${pid}/environ`, 'latin1')).not.toContain(`=${PIN}`);
  });

  test('after the process of a token was killed, the next signature is made by another one', async () => {
    const key = pkcs11Token(parsePkcs11Uri(token.uriOf('alice')));
    const before = childrenOf(process.pid);
    await key.sign('EDDSA', Buffer.from('x'));
    for (const pid of childrenOf(process.pid).filter(each => !before.includes(each)))
      process.kill(pid, 'SIGKILL');
    expect(await key.sign('EDDSA', Buffer.from('x'))).toHaveLength(64);
  });
});

describe('the point in CKA_EC_POINT', () => {
  const point = Buffer.alloc(32, 7);

  test.each([
    ['in an OCTET STRING', Buffer.from('0420', 'hex')],
    ['in a BIT STRING', Buffer.from('032100', 'hex')],
    ['as it is', Buffer.alloc(0)],
  ])('a point %s is read', (_how, header) => {
    expect(ed25519Point(Buffer.concat([header, point]))).toEqual(point);
  });

  test.each([
    ['of Ed448', Buffer.concat([Buffer.from('0439', 'hex'), Buffer.alloc(57)])],
    ['with another header', Buffer.concat([Buffer.from('0421', 'hex'), point])],
    ['of 31 bytes', point.subarray(1)],
    ['of no bytes', Buffer.alloc(0)],
  ])('a point %s is not', (_what, value) => {
    expect(ed25519Point(value)).toBeUndefined();
  });
});

function childrenOf(pid: number): readonly number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.flatMap(task =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
}
