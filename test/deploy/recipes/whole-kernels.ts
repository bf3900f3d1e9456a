import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RecordedKernel, recordKernel } from '../../../agent/compiler/build-facts/index.ts';
import { Btf } from '../../../agent/compiler/index.ts';
import { moduleTypes } from '../../../agent/host-kernel/index.ts';
import { HOST_FILES, openSymbols } from '../../../agent/kernel/index.ts';
import {
  bootMachine,
  cacheDirectory,
  ensureDirectory,
  ensureKernel,
  type Kernel,
  type KernelOptions,
  type KernelSeries,
} from '../../../tools/machine/index.ts';

/** Stock kernels that recipes are compiled for. */
export const RECIPE_KERNELS: readonly (readonly [
  name: string,
  series: KernelSeries,
  options: KernelOptions,
])[] = [
  ['5.10-amd64', '5.10', {}],
  ['6.1-amd64', '6.1', {}],
  ['6.12-amd64', '6.12', {}],
  ['7.2-amd64', '7.2', {}],
  ['6.12-arm64', '6.12', { arch: 'arm64' }],
  ['7.2-arm64', '7.2', { arch: 'arm64' }],
];

/** Modules that recipes name. */
const MODULES = ['af_alg', 'algif_hash', 'esp4', 'esp6', 'rxrpc', 'nf_conntrack', 'nfsv4', 'loop'];

/** A stock kernel with {@link MODULES}, whole. It is booted once if the cache does not have it. */
export async function openWholeKernel(series: KernelSeries, options: KernelOptions): Promise<RecordedKernel> {
  const kernel = await ensureKernel(series, options);
  const folder = await ensureDirectory(join(cacheDirectory(), 'recipes', kernel.release), temporary =>
    copyFacts(kernel, temporary),
  );
  const files = { ...HOST_FILES, proc: folder, sys: folder };
  const btf = new Btf(await readFile(join(folder, 'kernel', 'btf', 'vmlinux')));
  return recordKernel({
    arch: options.arch === 'arm64' ? 'aarch64' : 'x86_64',
    btf,
    moduleBtf: moduleTypes(btf, files),
    symbols: openSymbols(undefined, files).table,
    abi: { vermagic: `${kernel.release} SMP `, moduleLayoutCrc: undefined, kcfiInitHash: undefined },
  });
}

async function copyFacts(kernel: Kernel, folder: string): Promise<void> {
  await using machine = await bootMachine({ kernel });
  for (const module of MODULES) await machine.run(['modprobe', module]);
  for (const name of ['kallsyms', 'modules'])
    await writeFile(join(folder, name), await machine.readFile(`/proc/${name}`));
  const types = join(folder, 'kernel', 'btf');
  await mkdir(types, { recursive: true });
  for (const name of (await machine.output('ls /sys/kernel/btf')).split('\n').filter(Boolean))
    await writeFile(join(types, name), await machine.readFile(`/sys/kernel/btf/${name}`));
}
