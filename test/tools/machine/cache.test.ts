import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { cacheDirectory, ensureDirectory } from '../../../tools/machine/cache.ts';

let top: string;
beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'farcall-cache-'));
  onTestFinished(() => rm(top, { recursive: true }));
});

test.each([
  [{ FARCALL_CACHE: '/a', XDG_CACHE_HOME: '/b' }, '/a'],
  [{ XDG_CACHE_HOME: '/b' }, '/b/farcall'],
])('with %o the cache is %s', (env, directory) => {
  expect(cacheDirectory(env)).toBe(directory);
});

test('a directory is made once, also when many ask at the same time', async () => {
  let made = 0;
  const fill = async (temporary: string) => {
    made += 1;
    await writeFile(join(temporary, 'content'), String(made));
  };
  const directory = join(top, 'a', 'b');
  await Promise.all([1, 2, 3].map(() => ensureDirectory(directory, fill)));
  expect([made, await readFile(join(directory, 'content'), 'utf8')]).toEqual([1, '1']);
});

test('a failed fill leaves nothing, and the next may succeed', async () => {
  const directory = join(top, 'a');
  const fail = async (temporary: string) => {
    await writeFile(join(temporary, 'half'), '');
    throw new Error('no network');
  };
  await expect(ensureDirectory(directory, fail)).rejects.toThrow('no network');
  expect([existsSync(directory), existsSync(`${directory}.making`)]).toEqual([false, false]);
  await ensureDirectory(directory, async () => {});
  expect(existsSync(directory)).toBe(true);
});
