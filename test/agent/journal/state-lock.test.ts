import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockState } from '../../../agent/journal/index.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const TAKEN = expect.objectContaining({ code: 'CONFLICT' });

test('a directory is locked once, until it is released', () => {
  const directory = temporaryDirectory();
  const lock = lockState(directory);
  expect(() => lockState(directory)).toThrow(TAKEN);
  lock.release();
  lockState(directory).release();
  expect(statSync(join(directory, 'lock')).mode & 0o777).toBe(0o600);
});

test('the lock of another process holds, and ends with it even by SIGKILL', async () => {
  const directory = temporaryDirectory();
  const door = new URL('../../../agent/journal/index.ts', import.meta.url).href;
  const script = `
    const { lockState } = await import(${JSON.stringify(door)});
    globalThis.lock = lockState(${JSON.stringify(directory)});
    console.log('locked');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  expect(() => lockState(directory)).toThrow(TAKEN);
  child.kill('SIGKILL');
  await once(child, 'exit');
  lockState(directory).release();
});

test('a directory that does not exist cannot be locked', () => {
  expect(() => lockState(join(temporaryDirectory(), 'missing'))).toThrow(
    expect.objectContaining({ code: 'JOURNAL_FAILED' }),
  );
});
