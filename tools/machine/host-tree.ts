import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type CpioEntry, cpioDirectory, cpioFile, cpioSymlink } from './newc.ts';
import { runTool } from './tool.ts';

/**
 * Copies of host files and directories as archive members, at the paths that they have on the host: with the
 * directories above them, and with what the symbolic links on the way point at. Sockets and devices are left
 * out.
 */
export async function collectHostTree(paths: string[]): Promise<CpioEntry[]> {
  const entries = new Map<string, CpioEntry>();
  for (const path of paths) await collect(resolve(path), entries);
  return [...entries.values()];
}

async function collect(path: string, entries: Map<string, CpioEntry>): Promise<void> {
  const real = await collectAbove(path, entries);
  const name = real.slice(1);
  if (real === '/' || entries.has(name)) return;
  const status = await lstat(real);
  if (status.isSymbolicLink()) await collectLink(real, entries);
  else if (status.isFile()) entries.set(name, cpioFile(name, await readFile(real), status.mode & 0o777));
  else if (status.isDirectory()) {
    entries.set(name, cpioDirectory(name));
    for (const child of await readdir(real)) await collect(join(real, child), entries);
  }
}

/** Adds what is above `path`, and gives the path with all links above it resolved. */
async function collectAbove(path: string, entries: Map<string, CpioEntry>): Promise<string> {
  const parts = path.split('/').filter(part => part !== '');
  let above = '/';
  for (const part of parts.slice(0, -1)) {
    above = join(above, part);
    const name = above.slice(1);
    if ((await lstat(above)).isSymbolicLink()) above = await collectLink(above, entries);
    else if (!entries.has(name)) entries.set(name, cpioDirectory(name));
  }
  return join(above, parts.at(-1) ?? '');
}

async function collectLink(path: string, entries: Map<string, CpioEntry>): Promise<string> {
  const target = await readlink(path);
  entries.set(path.slice(1), cpioSymlink(path.slice(1), target));
  const pointedAt = resolve(dirname(path), target);
  if ((await lstat(pointedAt)).isDirectory()) {
    await collectAbove(join(pointedAt, 'x'), entries);
    return pointedAt;
  }
  await collect(pointedAt, entries);
  return pointedAt;
}

/** Paths of the shared libraries and the loader that `program` needs, as ldd names them. */
export async function librariesOf(program: string): Promise<string[]> {
  const lines = await runTool('ldd', [program]);
  return [...lines.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path]) => path!);
}
