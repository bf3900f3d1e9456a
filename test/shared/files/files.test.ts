import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSecret, readSecretText, replaceFile, writePrivateFile } from '../../../shared/files/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farcall-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([{}, { concurrent: true }])(
  'a replaced file has the new content and no draft is left, with %o',
  options => {
    const path = join(folder, 'a');
    writeFileSync(path, 'old');
    replaceFile(path, 'new', options);
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['a']);
  },
);

test('a replaced file has exactly its mode, whatever the umask of the process takes away', () => {
  const path = join(folder, 'a');
  const before = process.umask(0o177);
  try {
    replaceFile(path, 'new', { mode: 0o700 });
  } finally {
    process.umask(before);
  }
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('a draft that a crash left behind is overwritten', () => {
  writeFileSync(join(folder, 'a.new'), 'half');
  replaceFile(join(folder, 'a'), 'whole');
  expect(readdirSync(folder)).toEqual(['a']);
});

test('a file that cannot be replaced keeps its content, and no draft is left', () => {
  const path = join(folder, 'a');
  mkdirSync(join(path, 'full'), { recursive: true });
  expect(() => replaceFile(path, 'new')).toThrow();
  expect(readdirSync(folder)).toEqual(['a']);
});

test('a private file that cannot be written is FILE_UNREADABLE with the path', () => {
  const path = join(folder, 'no-folder', 'a');
  expect(() => writePrivateFile(path, '')).toThrow(
    expect.objectContaining({ code: 'FILE_UNREADABLE', message: expect.stringContaining(path) }),
  );
});

test.each([0o640, 0o604, 0o620])('a secret that others may read or write is refused: mode %o', mode => {
  const path = join(folder, 'secret');
  writeFileSync(path, 'xyzzy', { mode: 0o600 });
  chmodSync(path, mode);
  expect(() => readSecret(path, 'PIN file')).toThrow(
    expect.objectContaining({
      code: 'FILE_UNREADABLE',
      message: expect.stringMatching(/^the PIN file .*chmod 600/),
    }),
  );
});

test('a secret that its owner alone may read is returned without white space around it', () => {
  const path = join(folder, 'secret');
  writeFileSync(path, ' xyzzy\n', { mode: 0o600 });
  expect(readSecretText(path)).toBe('xyzzy');
});
