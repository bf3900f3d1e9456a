import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootMachine } from './boot.ts';
import { cacheDirectory, ensureDirectory } from './cache.ts';
import { ensureKernel, type Kernel, type KernelOptions, type KernelSeries } from './kernels.ts';
import type { Machine } from './machine.ts';

/** Files that one boot of a stock kernel gave, for tests that read kernel data without a machine. */
export interface KernelFixtures {
  kernel: Kernel;
  /** `/sys/kernel/btf/vmlinux`: the kernel's types. */
  vmlinuxBtf: string;
  /** `/sys/kernel/btf/MODULE` by module name: split BTF over vmlinux. Empty before Linux 5.11. */
  moduleBtf: Record<string, string>;
  /** `/proc/kallsyms` with addresses: those of that boot, moved by KASLR. */
  kallsyms: string;
  /** `/proc/modules`, with addresses. */
  modules: string;
  /** `/proc/version`. */
  version: string;
  /** The first 64 KiB of `/proc/kcore`: ELF header, program headers and notes (VMCOREINFO among them). */
  kcoreHead: string;
}

const COPIED = {
  'vmlinux.btf': 'cat /sys/kernel/btf/vmlinux',
  kallsyms: 'cat /proc/kallsyms',
  modules: 'cat /proc/modules',
  version: 'cat /proc/version',
  'kcore-head': 'head -c 65536 /proc/kcore',
};

/**
 * Gives the fixtures of `series` from the cache; boots the kernel once when they are missing. The cache holds
 * them by exact kernel release.
 */
export async function ensureKernelFixtures(
  series: KernelSeries,
  options: KernelOptions = {},
): Promise<KernelFixtures> {
  const kernel = await ensureKernel(series, options);
  const directory = await ensureDirectory(fixturesDirectory(kernel), async temporary => {
    await using machine = await bootMachine({ kernel });
    await copyFacts(machine, temporary);
  });
  return fixturesIn(kernel, directory);
}

/**
 * Copies the facts of a running machine into the cache, unless its release has them there, and gives their
 * paths.
 */
export async function exportKernelFacts(machine: Machine): Promise<KernelFixtures> {
  const directory = await ensureDirectory(fixturesDirectory(machine.kernel), temporary =>
    copyFacts(machine, temporary),
  );
  return fixturesIn(machine.kernel, directory);
}

function fixturesDirectory(kernel: Kernel): string {
  return join(cacheDirectory(), 'fixtures', kernel.release);
}

async function copyFacts(machine: Machine, directory: string): Promise<void> {
  for (const [name, command] of Object.entries(COPIED)) {
    await writeFile(join(directory, name), await machine.outputBytes(command));
  }
  const modules = join(directory, 'btf');
  await mkdir(modules);
  const names = (await machine.output('ls /sys/kernel/btf')).split('\n');
  for (const name of names.filter(name => name !== '' && name !== 'vmlinux')) {
    await writeFile(join(modules, name), await machine.outputBytes(['cat', `/sys/kernel/btf/${name}`]));
  }
}

async function fixturesIn(kernel: Kernel, directory: string): Promise<KernelFixtures> {
  const names = await readdir(join(directory, 'btf'));
  return {
    kernel,
    vmlinuxBtf: join(directory, 'vmlinux.btf'),
    moduleBtf: Object.fromEntries(names.map(name => [name, join(directory, 'btf', name)])),
    kallsyms: join(directory, 'kallsyms'),
    modules: join(directory, 'modules'),
    version: join(directory, 'version'),
    kcoreHead: join(directory, 'kcore-head'),
  };
}
