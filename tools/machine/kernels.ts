import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ArchiveSuite, type DebianArch, openArchiveSuite } from './archive.ts';
import { cacheDirectory, ensureDirectory } from './cache.ts';
import { runTool } from './tool.ts';

/** The series of Debian kernels that farcall is tested on, and the suites that may carry each, best first. */
export const KERNEL_SUITES = {
  '5.10': ['bullseye'],
  '6.1': ['bookworm'],
  '6.12': ['trixie', 'bookworm-backports'],
  '7.2': ['sid', 'forky', 'trixie-backports'],
} as const;

/** A kernel series, for example `6.12`. */
export type KernelSeries = keyof typeof KERNEL_SUITES;

/**
 * Debian's build of a series: `generic` for PCs, `cloud` with few drivers (no 9p, among others), `16k` with
 * pages of 16 KiB (arm64 only).
 */
export type KernelFlavour = 'generic' | 'cloud' | '16k';

/** A stock Debian kernel, unpacked in the cache. */
export interface Kernel {
  series: KernelSeries;
  flavour: KernelFlavour;
  arch: DebianArch;
  /** What `uname -r` says, for example `6.1.0-50-amd64`. */
  release: string;
  /** The packages it came from, with their versions, as their file names tell. */
  packages: string[];
  /** Absolute path of what QEMU boots: bzImage or Image. */
  vmlinuz: string;
  /** Absolute path of the directory that belongs at `/lib/modules/RELEASE`, with modules.dep. */
  modulesDirectory: string;
  /** Absolute path of the build configuration (`CONFIG_…` lines). */
  config: string;
}

/** How `ensureKernel` works. */
export interface KernelOptions {
  flavour?: KernelFlavour;
  /** Default `amd64`. */
  arch?: DebianArch;
  /** Called with one line per step when something must be fetched. Default: stderr. */
  progress?: (line: string) => void;
}

// No test needs them, and they are nine tenths of a kernel package.
const LEFT_OUT = [
  'sound',
  'drivers/gpu',
  'drivers/media',
  'drivers/staging',
  'drivers/infiniband',
  'drivers/usb',
].concat([
  'drivers/scsi',
  'drivers/iio',
  'drivers/hwmon',
  'drivers/input',
  'drivers/net/wireless',
  'drivers/net/ethernet',
]);

/**
 * Gives the newest kernel of `series` that Debian's archive has, from the cache when it is there (then no
 * network is used), else downloaded, checked by apt and unpacked. Nothing is installed on this machine. To
 * get a newer one, remove its directory in `cacheDirectory()`/kernels.
 */
export async function ensureKernel(series: KernelSeries, options: KernelOptions = {}): Promise<Kernel> {
  const { flavour = 'generic', arch = 'amd64', progress = line => console.error(line) } = options;
  const name = `${series}-${flavour}-${arch}`;
  const directory = await ensureDirectory(join(cacheDirectory(), 'kernels', name), temporary =>
    fetchKernel({
      series,
      flavour,
      arch,
      directory: temporary,
      progress: line => progress(`kernel ${name}: ${line}`),
    }),
  );
  const facts = JSON.parse(await readFile(join(directory, 'kernel.json'), 'utf8'));
  const release: string = facts.release;
  return {
    series,
    flavour,
    arch,
    release,
    packages: facts.packages,
    vmlinuz: join(directory, 'vmlinuz'),
    modulesDirectory: join(directory, 'lib', 'modules', release),
    config: join(directory, 'config'),
  };
}

/** Whether guests with the kernel see the host's files over 9p. */
export function hasHostRoot({ flavour }: Kernel): boolean {
  return flavour !== 'cloud';
}

interface Fetch {
  series: KernelSeries;
  flavour: KernelFlavour;
  arch: DebianArch;
  directory: string;
  progress: (line: string) => void;
}

async function fetchKernel(fetch: Fetch): Promise<void> {
  const { directory, progress } = fetch;
  const { suite, image } = await findImage(fetch);
  const release = image.replace('linux-image-', '');
  const packages = [];
  for (const name of await packagesOf(suite, image, release)) {
    progress(`downloading ${name} from ${suite.suite}`);
    const deb = await suite.download(name);
    progress(`unpacking ${name}`);
    await runTool('dpkg-deb', ['-x', deb, directory]);
    packages.push(basename(deb));
  }
  await keepWhatBoots(directory, release);
  await writeFile(join(directory, 'kernel.json'), `${JSON.stringify({ release, packages }, null, 2)}\n`);
  progress(`ready: ${release}`);
}

async function findImage({ series, flavour, arch, directory, progress }: Fetch) {
  const variant = { generic: arch, cloud: `cloud-${arch}`, '16k': `${arch}-16k` }[flavour];
  const pattern = `^linux-image-${series.replace('.', '\\.')}\\.[0-9][-.+0-9a-z]*-${variant}$`;
  const other = /-(?:cloud|rt)-(?:amd64|arm64)$/;
  for (const name of KERNEL_SUITES[series]) {
    progress(`looking in ${name}`);
    const suite = await openArchiveSuite(name, join(directory, 'archive', name), arch);
    const found = (await suite.search(pattern)).filter(image => flavour !== 'generic' || !other.test(image));
    const image = found.sort(byVersion).at(-1);
    if (image) return { suite, image };
  }
  throw new Error(
    `Debian's archive has no ${flavour} linux-image of ${series} for ${arch} in ${KERNEL_SUITES[series].join(', ')}; ` +
      'if it moved on, change KERNEL_SUITES in tools/machine/kernels.ts',
  );
}

const collator = new Intl.Collator('en', { numeric: true });

/** Orders package names of one series by the version in them: 6.1.0-9 before 6.1.0-50. */
export function byVersion(a: string, b: string): number {
  return collator.compare(a, b);
}

/** Since 7.x the image package is empty and depends on linux-binary-RELEASE and linux-modules-RELEASE. */
async function packagesOf(suite: ArchiveSuite, image: string, release: string): Promise<string[]> {
  const parts = [`linux-binary-${release}`, `linux-modules-${release}`, `linux-base-${release}`];
  const split = (await suite.dependencies(image)).filter(name => parts.includes(name));
  return split.length > 0 ? split : [image];
}

/** Brings the layouts of all series (files in /boot, or beside the modules) to one. */
async function keepWhatBoots(directory: string, release: string): Promise<void> {
  const inDirectory = (...parts: string[]) => join(directory, ...parts);
  await moveIfAny(inDirectory('usr', 'lib', 'modules'), inDirectory('lib', 'modules'));
  const modules = inDirectory('lib', 'modules', release);
  for (const name of ['vmlinuz', 'config']) {
    await moveIfAny(inDirectory('boot', `${name}-${release}`), inDirectory(name));
    await moveIfAny(join(modules, name), inDirectory(name));
    if (!existsSync(inDirectory(name))) throw new Error(`the packages of ${release} hold no ${name}`);
  }
  for (const name of ['archive', 'boot', 'etc', 'usr'])
    await rm(inDirectory(name), { recursive: true, force: true });
  for (const name of LEFT_OUT) await rm(join(modules, 'kernel', name), { recursive: true, force: true });
  await runTool('depmod', ['-b', directory, release]);
}

async function moveIfAny(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return;
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
}
