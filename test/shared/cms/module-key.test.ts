import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openModuleKey } from '../../../shared/cms/index.ts';
import { temporaryDirectory } from '../../agent/support/temporary-directory.ts';
import { makeModuleKey, openssl } from '../../kit/keys/module-key-kit.ts';
import { type SoftToken, softToken } from '../../kit/keys/soft-token.ts';

const IMAGE = Buffer.from('a module image\0'.repeat(300));

/** What openssl makes of the same. */
function oracle(folder: string, { key, certificateFile }: { key: string; certificateFile: string }): Buffer {
  const path = join(folder, 'image');
  writeFileSync(path, IMAGE);
  return openssl([
    ...['cms', '-sign', '-binary', '-noattr', '-nocerts', '-nosmimecap', '-md', 'sha256', '-outform', 'DER'],
    ...['-signer', certificateFile, '-inkey', key, '-in', path],
  ]);
}

/** Throws where openssl does not find a good signature of `signer` over `IMAGE`. */
function verifyByOpenssl(folder: string, der: Uint8Array, certificateFile: string): void {
  const path = join(folder, 'signature');
  const content = join(folder, 'content');
  writeFileSync(path, der);
  writeFileSync(content, IMAGE);
  openssl([
    ...['cms', '-verify', '-binary', '-inform', 'DER', '-in', path, '-content', content],
    ...['-certfile', certificateFile, '-CAfile', certificateFile, '-purpose', 'any', '-out', '/dev/null'],
  ]);
}

describe('a signature by a key in a file', () => {
  test.each(['rsa-2048', 'rsa-4096'] as const)('%s: byte for byte what openssl makes', async kind => {
    const folder = temporaryDirectory();
    const place = makeModuleKey(folder, 'fleet', kind);
    const der = await openModuleKey(place).sign(IMAGE);
    expect(Buffer.from(der).toString('hex')).toBe(oracle(folder, place).toString('hex'));
  });

  test.each(['p-256', 'p-384'] as const)('%s: what openssl makes, but for the signature', async kind => {
    const folder = temporaryDirectory();
    const place = makeModuleKey(folder, 'fleet', kind);
    const der = await openModuleKey(place).sign(IMAGE);
    verifyByOpenssl(folder, der, place.certificateFile);
    // ECDSA signs differently each time; all before the signature's own bytes but lengths must be the same.
    const shape = (bytes: Uint8Array): string =>
      openssl(['asn1parse', '-inform', 'DER'], bytes)
        .toString()
        .replace(/^ *\d+:d=/gm, '')
        .replace(/l= *\d+/g, '')
        .replace(/(OCTET STRING).*/, '$1');
    expect(shape(der)).toBe(shape(oracle(folder, place)));
  });

  test('a flipped byte of the image is no good signature any more', async () => {
    const folder = temporaryDirectory();
    const place = makeModuleKey(folder, 'fleet');
    const der = await openModuleKey(place).sign(Buffer.concat([IMAGE, Buffer.from([1])]));
    expect(() => verifyByOpenssl(folder, der, place.certificateFile)).toThrow(/verification failure|digest/i);
  });
});

describe('keys that are refused', () => {
  test.each(['ed25519', 'p-521', 'rsa-1024'] as const)('%s, which no kernel takes', kind => {
    const place = makeModuleKey(temporaryDirectory(), 'fleet', kind);
    expect(() => openModuleKey(place)).toThrow(/kernels verify modules by/);
  });

  test('one that others can read', () => {
    const place = makeModuleKey(temporaryDirectory(), 'fleet', 'p-256');
    chmodSync(place.key, 0o640);
    expect(() => openModuleKey(place)).toThrow(/open to others/);
  });

  test('one of another certificate', () => {
    const folder = temporaryDirectory();
    const { key } = makeModuleKey(folder, 'one', 'p-256');
    const { certificateFile } = makeModuleKey(folder, 'two', 'p-256');
    expect(() => openModuleKey({ key, certificateFile })).toThrow(/is not the key of the certificate/);
  });

  test('no key at all, and none of its bytes are said', () => {
    const folder = temporaryDirectory();
    const { certificateFile } = makeModuleKey(folder, 'one', 'p-256');
    const key = join(folder, 'secret');
    writeFileSync(key, 'hunter2', { mode: 0o600 });
    expect(() => openModuleKey({ key, certificateFile })).toThrow(/is not a key in PEM/);
    expect(() => openModuleKey({ key, certificateFile })).not.toThrow(/hunter2/);
  });
});

describe('a key in a token', () => {
  function tokenWith(folder: string, key: string): SoftToken {
    const token = softToken(folder);
    token.add(key, 'module-key', 'a1');
    return token;
  }

  test('RSA: byte for byte what openssl makes with the same key', async () => {
    const folder = temporaryDirectory();
    const place = makeModuleKey(folder, 'fleet');
    using token = tokenWith(join(folder, 'token'), place.key);
    const inToken = { key: token.uriOf('module-key'), certificateFile: place.certificateFile };
    const der = await openModuleKey(inToken).sign(IMAGE);
    expect(Buffer.from(der).toString('hex')).toBe(oracle(folder, place).toString('hex'));
  });

  test('ECDSA, verified by openssl', async () => {
    const folder = temporaryDirectory();
    const place = makeModuleKey(folder, 'fleet', 'p-256');
    using token = tokenWith(join(folder, 'token'), place.key);
    const der = await openModuleKey({ ...place, key: token.uriOf('module-key') }).sign(IMAGE);
    verifyByOpenssl(folder, der, place.certificateFile);
  });

  test('a key that is named by its label alone is found among others', async () => {
    const folder = temporaryDirectory();
    const place = makeModuleKey(folder, 'fleet', 'p-256');
    const older = makeModuleKey(folder, 'older', 'p-256');
    using token = tokenWith(join(folder, 'token'), place.key);
    token.add(older.key, 'older-key', 'a0');
    const der = await openModuleKey({ ...place, key: token.uriOf('module-key') }).sign(IMAGE);
    verifyByOpenssl(folder, der, place.certificateFile);
    await openModuleKey({ ...older, key: token.uriOf('older-key') }).sign(IMAGE);
    await expect(openModuleKey({ ...place, key: token.uriOf('no-key') }).sign(IMAGE)).rejects.toThrow(
      /has no private key 'no-key'/,
    );
  });

  test('another key of that name, or a wrong PIN, is refused by words', async () => {
    const folder = temporaryDirectory();
    const place = makeModuleKey(folder, 'fleet');
    const other = makeModuleKey(folder, 'other');
    using token = tokenWith(join(folder, 'token'), other.key);
    await expect(openModuleKey({ ...place, key: token.uriOf('module-key') }).sign(IMAGE)).rejects.toThrow(
      /is not the key of/,
    );
    writeFileSync(token.pinFile, '9999');
    await expect(openModuleKey({ ...place, key: token.uriOf('module-key') }).sign(IMAGE)).rejects.toThrow(
      /the PIN is wrong/,
    );
  });
});
