import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArchiveSuite, openArchiveSuite } from './archive.ts';
import { cacheDirectory, ensureDirectory } from './cache.ts';
import { KERNEL_SUITES, type Kernel } from './kernels.ts';
import { runTool } from './tool.ts';

/** Debian's header packages of one kernel, unpacked in the cache. */
export interface KernelHeaders {
  /** Directory with the generated headers of this build, its configuration and Module.symvers. */
  readonly build: string;
  /** Directory with the headers that all builds of the version share. */
  readonly common: string;
}

/**
 * Gives the linux-headers of exactly this kernel, from the cache when they are there, else from Debian's
 * archive. Nothing is installed. Throws where the archive has gone on to a newer version of the series: then
 * the kernel in the cache is old, and removing it downloads both again.
 */
export async function ensureKernelHeaders(kernel: Kernel): Promise<KernelHeaders> {
  const path = join(cacheDirectory(), 'headers', kernel.release);
  const directory = await ensureDirectory(path, temporary => fetchHeaders(kernel, temporary));
  const sources = join(directory, 'usr', 'src');
  const common = (await readdir(sources)).find(name => name.endsWith('-common'));
  if (!common) throw new Error(`the header packages of ${kernel.release} hold no common headers`);
  return { build: join(sources, `linux-headers-${kernel.release}`), common: join(sources, common) };
}

async function fetchHeaders({ series, arch, release }: Kernel, directory: string): Promise<void> {
  const name = `linux-headers-${release}`;
  for (const suiteName of KERNEL_SUITES[series]) {
    const suite = await openArchiveSuite(suiteName, join(directory, 'archive', suiteName), arch);
    if ((await suite.search(`^${name.replaceAll(/[.+]/g, '\\$&')}$`)).length === 0) continue;
    console.error(`headers of ${release}: downloading from ${suiteName}`);
    const common = (await suite.dependencies(name)).filter(dependency => dependency.endsWith('-common'));
    for (const each of [name, ...common]) await unpack(suite, each, directory);
    await rm(join(directory, 'archive'), { recursive: true });
    if (!existsSync(join(directory, 'usr', 'src', name))) throw new Error(`${name} holds no headers`);
    return;
  }
  throw new Error(
    `Debian's archive has no ${name}: it carries a newer kernel of ${series} than the cache. ` +
      `Remove ${join(cacheDirectory(), 'kernels')}/${series}-* to get both again`,
  );
}

async function unpack(suite: ArchiveSuite, name: string, directory: string): Promise<void> {
  await runTool('dpkg-deb', ['-x', await suite.download(name), directory]);
}
