import { createHash } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDirectory } from './cache.ts';
import type { Machine } from './machine.ts';
import { runTool } from './tool.ts';

/** Where this checkout keeps what its guests compiled. May be deleted at any time at which no test runs. */
export const CODE_CACHES = fileURLToPath(new URL('../../.cache/guests', import.meta.url));

/**
 * What V8 made of a Node program in one guest, for the guests that come after it. An emulated CPU takes
 * seconds to compile a program of ours, and the code of the host's Node is of no use to it: it is for another
 * CPU.
 */
export interface CodeCache {
  /** The folder in the guest, for `NODE_COMPILE_CACHE`. */
  readonly folder: string;
  /**
   * Keeps what the program has written there, if it is the first that did. `flush` makes one that still runs
   * write.
   */
  keep(flush?: () => Promise<unknown>): Promise<void>;
}

/** The cache for a program called `name`, whose text is `code`, in guests with the CPU of `machine`. */
export function codeCache(machine: Machine, name: string, code: string | Uint8Array): CodeCache {
  const digest = createHash('sha256').update(code).digest('hex').slice(0, 16);
  const all = join(CODE_CACHES, `${name}-${machine.kernel.arch}`);
  const folder = join(all, digest);
  return {
    folder,
    async keep(flush) {
      if (existsSync(folder)) return;
      await flush?.();
      const packed = await machine.outputBytes(`[ ! -d '${folder}' ] || tar -C '${folder}' -cf - .`);
      if (packed.length === 0 || !(await isOurs(all))) return;
      await ensureDirectory(folder, temporary => unpack(packed, temporary));
      await removeOthers(all, digest);
    },
  };
}

/** Whether this user may keep something there. A checkout can belong to somebody else. */
async function isOurs(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function unpack(packed: Uint8Array, folder: string): Promise<void> {
  const archive = `${folder}.tar`;
  await mkdir(dirname(archive), { recursive: true });
  await writeFile(archive, packed);
  await runTool('tar', ['-xf', archive, '-C', folder, '--no-same-owner']);
  await rm(archive);
}

/** Removes the caches of earlier texts of the program. */
async function removeOthers(all: string, digest: string): Promise<void> {
  for (const name of await readdir(all))
    if (/^[0-9a-f]{16}$/.test(name) && name !== digest)
      await rm(join(all, name), { recursive: true, force: true });
}
