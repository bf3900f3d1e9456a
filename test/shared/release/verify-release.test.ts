import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checksumOf,
  checksumsText,
  parseChecksums,
  parseReleaseKey,
  releaseKeyOf,
  releaseKeyText,
  SIGNATURE_FILE,
  SUMS_FILE,
  signRelease,
  verifyRelease,
  verifyReleaseSignature,
} from '../../../shared/release/index.ts';
import { newSigningKey, type SigningKey } from '../../../shared/tokens/index.ts';
import { temporaryDirectory } from '../../agent/support/temporary-directory.ts';

const MAKER = newSigningKey();
const KEY = releaseKeyOf(MAKER.publicJwk);
const refused = (message: RegExp) =>
  expect.objectContaining({ code: 'RELEASE_INVALID', message: expect.stringMatching(message) });

/** A release of two files, signed by `key`. */
async function release(key: SigningKey = MAKER): Promise<string> {
  const folder = temporaryDirectory();
  mkdirSync(join(folder, 'apt'));
  writeFileSync(join(folder, 'a.deb'), 'package a');
  writeFileSync(join(folder, 'apt/b.deb'), 'package b');
  const sums = new Map<string, string>();
  for (const path of ['apt/b.deb', 'a.deb']) sums.set(path, await checksumOf(join(folder, path)));
  const text = checksumsText(sums);
  writeFileSync(join(folder, SUMS_FILE), text);
  writeFileSync(join(folder, SIGNATURE_FILE), await signRelease(Buffer.from(text), 'farcall 1.2.3', key));
  return folder;
}

describe('a release', () => {
  test('a release whose files are as they were signed is verified, and says what was signed of it', async () => {
    expect(await verifyRelease(await release(), KEY)).toEqual({
      comment: 'farcall 1.2.3',
      files: ['a.deb', 'apt/b.deb'],
    });
  });

  test('a release with one changed byte is refused, and the file is named', async () => {
    const folder = await release();
    writeFileSync(join(folder, 'apt/b.deb'), 'package c');
    await expect(verifyRelease(folder, KEY)).rejects.toEqual(refused(/apt\/b\.deb was changed/));
  });

  test('a release with a file that nobody signed is refused', async () => {
    const folder = await release();
    writeFileSync(join(folder, 'z.deb'), 'newer');
    await expect(verifyRelease(folder, KEY)).rejects.toEqual(refused(/nobody signed "z\.deb"/));
  });

  test('a release that lacks a file is refused', async () => {
    const folder = await release();
    rmSync(join(folder, 'a.deb'));
    await expect(verifyRelease(folder, KEY)).rejects.toEqual(refused(/a\.deb is missing/));
  });

  test('a release that another key signed is refused', async () => {
    await expect(verifyRelease(await release(newSigningKey()), KEY)).rejects.toEqual(refused(/another key/));
  });

  test('checksums that were changed after they were signed are refused', async () => {
    const folder = await release();
    writeFileSync(join(folder, 'a.deb'), 'other');
    const sums = parseChecksums(readFileSync(join(folder, SUMS_FILE), 'utf8'));
    const changed = new Map([...sums, ['a.deb', await checksumOf(join(folder, 'a.deb'))]]);
    writeFileSync(join(folder, SUMS_FILE), checksumsText(changed));
    await expect(verifyRelease(folder, KEY)).rejects.toEqual(refused(/not that of these checksums/));
  });

  test('a signed comment that was changed is refused', async () => {
    const folder = await release();
    const signature = readFileSync(join(folder, SIGNATURE_FILE), 'utf8').replace('1.2.3', '9.9.9');
    writeFileSync(join(folder, SIGNATURE_FILE), signature);
    await expect(verifyRelease(folder, KEY)).rejects.toEqual(refused(/not that of these checksums/));
  });

  test.each(['../a.deb', '/etc/passwd', 'apt/../../a', '.hidden', 'a b'])(
    'checksums that name %s are refused',
    path => {
      expect(() => parseChecksums(`${'0'.repeat(64)}  ${path}\n`)).toThrow(refused(/line 1 is no checksum/));
    },
  );

  test('checksums that name a file twice are refused', () => {
    const line = `${'0'.repeat(64)}  a.deb\n`;
    expect(() => parseChecksums(line + line)).toThrow(refused(/names a.deb again/));
  });

  test('whatever stands in a signature or in checksums is refused with RELEASE_INVALID', () => {
    const code = expect.objectContaining({ code: 'RELEASE_INVALID' });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(() => verifyReleaseSignature(Buffer.from('x'), text, KEY)).toThrow(code);
        expect(() => parseChecksums(text)).toThrow(code);
      }),
    );
  });

  test('a public key is read from its file and from its line alone', () => {
    const text = releaseKeyText(KEY);
    expect(parseReleaseKey(text)).toEqual(KEY);
    expect(parseReleaseKey(text.split('\n')[1]!)).toEqual(KEY);
    expect(() => parseReleaseKey('RWQ')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test('a signature that minisign 0.11 made is verified', () => {
    const sample = readFileSync(join(import.meta.dirname, 'minisign-sample.json'), 'utf8');
    const { key, content, signature, comment } = JSON.parse(sample) as Record<string, string>;
    expect(verifyReleaseSignature(Buffer.from(content!), signature!, parseReleaseKey(key!))).toBe(comment);
  });
});
