import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * The directory that keeps what is dear to make and the same for every checkout: unpacked kernels, initramfs
 * images, fixtures. `$FARCALL_CACHE`, else `farcall` under `$XDG_CACHE_HOME`, else `~/.cache/farcall`. May be
 * deleted at any time at which no test runs.
 */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env['FARCALL_CACHE']) return env['FARCALL_CACHE'];
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'farcall');
}

/**
 * Makes `directory` once, even if several ask for it: `fill` writes into a fresh directory next to it, which
 * then takes the name in one step. A process that dies on the way leaves nothing under that name, and what it
 * left beside is removed by the next; others wait for the one at work.
 */
export async function ensureDirectory(
  directory: string,
  fill: (temporary: string) => Promise<void>,
): Promise<string> {
  if (existsSync(directory)) return directory;
  await mkdir(dirname(directory), { recursive: true });
  await using _lock = await lockFile(`${directory}.lock`);
  if (existsSync(directory)) return directory;
  const temporary = `${directory}.making`;
  await rm(temporary, { recursive: true, force: true });
  try {
    await mkdir(temporary);
    await fill(temporary);
    await rename(temporary, directory);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return directory;
}

/**
 * Holds an exclusive lock on `path` (made when missing) until disposed. The kernel holds it, through a
 * `flock` child that ends with this process: a killed process leaves no stale lock behind.
 */
export async function lockFile(path: string): Promise<AsyncDisposable> {
  const child = spawn('flock', ['--exclusive', path, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const held = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)]);
  if (!held)
    throw new Error(`cannot lock ${path}: flock ended without taking it; is its directory writable?`);
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
