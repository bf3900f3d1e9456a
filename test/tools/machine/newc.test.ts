import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { cpioDirectory, cpioFile, cpioSymlink, packNewc } from '../../../tools/machine/newc.ts';

test('cpio unpacks what packNewc packs, of any length', () => {
  const directory = mkdtempSync(join(tmpdir(), 'farcall-newc-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const files = [0, 1, 2, 3, 4, 5, 4096].map(length => Buffer.alloc(length, 'x'));
  const archive = packNewc([
    cpioDirectory('d'),
    ...files.map(data => cpioFile(`d/${'n'.repeat((data.length % 7) + 1)}${data.length}`, data, 0o755)),
    cpioSymlink('link', 'd/n0'),
  ]);
  const { status, stderr } = spawnSync('cpio', ['-i', '--quiet'], { input: archive, cwd: directory });
  expect([status, stderr.toString()]).toEqual([0, '']);
  for (const data of files) {
    const path = join(directory, 'd', `${'n'.repeat((data.length % 7) + 1)}${data.length}`);
    expect(readFileSync(path)).toEqual(data);
    expect(statSync(path).mode & 0o777).toBe(0o755);
  }
  expect(readlinkSync(join(directory, 'link'))).toBe('d/n0');
});

test('the same entries give the same bytes', () => {
  const pack = () => packNewc([cpioFile('a', 'b')]);
  expect(pack()).toEqual(pack());
});
