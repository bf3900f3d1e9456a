import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import type { Kernel } from './kernels.ts';

/** One kernel module, decompressed. */
export interface KernelModule {
  /** As `/proc/modules` spells it: with underscores. */
  name: string;
  elf: Uint8Array;
}

/** The name that a module has once loaded, from the path of its file: `fs/9p/9p.ko.xz` gives `9p`. */
export function moduleName(path: string): string {
  return basename(path)
    .replace(/\.ko(?:\.xz|\.zst|\.gz)?$/, '')
    .replaceAll('-', '_');
}

/**
 * Paths of `wanted` modules and all that they depend on, each after its dependencies, from the text of
 * modules.dep. Its lines look like
 *
 *     kernel/net/9p/9pnet_virtio.ko: kernel/net/9p/9pnet.ko kernel/drivers/virtio/virtio.ko
 *
 * and list the dependencies of dependencies too. Names in `builtin` (text of modules.builtin) need no file.
 */
export function loadOrder(modulesDep: string, builtin: string, wanted: readonly string[]): string[] {
  const lines = modulesDep.split('\n').filter(line => line.includes(':'));
  const dependencies = new Map(lines.map(line => [line.slice(0, line.indexOf(':')), dependenciesIn(line)]));
  const pathOf = new Map([...dependencies.keys()].map(path => [moduleName(path), path]));
  const builtins = new Set(builtin.split('\n').map(moduleName));
  const order: string[] = [];
  const visit = (path: string) => {
    if (order.includes(path)) return;
    for (const dependency of dependencies.get(path) ?? []) visit(dependency);
    order.push(path);
  };
  for (const name of wanted.map(moduleName)) {
    const path = pathOf.get(name);
    if (path) visit(path);
    else if (!builtins.has(name))
      throw new Error(`this kernel has no module ${name}, neither built in nor loadable`);
  }
  return order;
}

function dependenciesIn(line: string): string[] {
  const words = line.slice(line.indexOf(':') + 1).split(' ');
  return words.filter(word => word !== '');
}

/**
 * Reads `wanted` and what they depend on from the kernel's tree, in an order in which insmod can take them.
 */
export async function readModules(kernel: Kernel, wanted: readonly string[]): Promise<KernelModule[]> {
  const read = (name: string) => readFile(join(kernel.modulesDirectory, name));
  const [dep, builtin] = await Promise.all([read('modules.dep'), read('modules.builtin')]);
  const order = loadOrder(dep.toString(), builtin.toString(), wanted);
  return Promise.all(
    order.map(async path => ({ name: moduleName(path), elf: await decompress(path, await read(path)) })),
  );
}

async function decompress(path: string, data: Buffer): Promise<Uint8Array> {
  if (path.endsWith('.ko')) return data;
  if (path.endsWith('.zst')) return promisify(zstdDecompress)(data);
  const { status, stdout, error } = spawnSync('xz', ['-dc'], { input: data, maxBuffer: 1 << 28 });
  if (status === 0) return stdout;
  throw new Error(`xz cannot decompress ${path}`, { cause: error });
}
