import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkUnshared } from '../../../shared/files/index.ts';
import { temporaryDirectory } from '../../agent/support/temporary-directory.ts';

/** A folder with a file in it, as an installation leaves them. */
function installed() {
  const folder = join(temporaryDirectory(), 'etc');
  mkdirSync(folder, { mode: 0o755 });
  const file = join(folder, 'policy.json');
  writeFileSync(file, '{}', { mode: 0o644 });
  return { folder, file };
}

test('a file that only its owner can change is let pass, though everybody may read it', () => {
  checkUnshared(installed().file, 'policy');
});

const isRoot = process.getuid?.() === 0;
type Files = ReturnType<typeof installed>;

const WRONG: readonly [string, RegExp, (files: Files) => void][] = [
  [
    'its group may write',
    /policy.json \(policy\) can be written .* chmod go-w/,
    ({ file }) => chmodSync(file, 0o664),
  ],
  ['others may write', /chmod go-w .*policy.json/, ({ file }) => chmodSync(file, 0o646)],
  [
    'lies in a folder that others may write',
    /the folder of the policy.* chmod go-w .*etc/,
    ({ folder }) => chmodSync(folder, 0o777),
  ],
  ['is missing', /cannot be read: ENOENT/, ({ file }) => chmodSync(file, 0o644)],
];

test.each(WRONG)('a file that %s is refused, and the error says what to do', (what, message, spoil) => {
  const files = installed();
  spoil(files);
  const path = what === 'is missing' ? join(files.folder, 'none.json') : files.file;
  expect(() => checkUnshared(path, 'policy')).toThrow(
    expect.objectContaining({ code: 'FILE_UNREADABLE', message: expect.stringMatching(message) }),
  );
});

test.skipIf(!isRoot)('a file, or a folder above it, of another user than root is refused', () => {
  const one = installed();
  chownSync(one.file, 1000, 0);
  expect(() => checkUnshared(one.file, 'policy')).toThrow(
    /belongs to the user 1000, not to root: chown root/,
  );
  const other = installed();
  chownSync(other.folder, 1000, 0);
  expect(() => checkUnshared(other.file, 'policy')).toThrow(/belongs to the user 1000/);
});

test('a link is followed to the folder that has the file', () => {
  const { folder, file } = installed();
  const link = join(temporaryDirectory(), 'link.json');
  symlinkSync(file, link);
  checkUnshared(link, 'policy');
  chmodSync(folder, 0o777);
  expect(() => checkUnshared(link, 'policy')).toThrow(/chmod go-w/);
});

test('a folder with the sticky bit, in which only owners rename, is let pass', () => {
  const { folder, file } = installed();
  chmodSync(folder, 0o1777);
  checkUnshared(file, 'policy');
});
