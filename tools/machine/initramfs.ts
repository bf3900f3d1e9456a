import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { collectHostTree, librariesOf } from './host-tree.ts';
import { hasHostRoot, type Kernel } from './kernels.ts';
import { readModules } from './modules.ts';
import { type CpioEntry, cpioDirectory, cpioFile, cpioSymlink, packNewc } from './newc.ts';
import { NODE } from './node-binary.ts';
import { type Sysroot, sysrootFor } from './sysroot.ts';
import { runTool } from './tool.ts';

/** Drivers of the machine that qemu.ts describes. */
const DRIVERS = ['virtio_pci', 'virtio_console', 'virtio_net'];
const DRIVERS_OF_DISKS = ['virtio_blk', 'ext4'];
const DRIVERS_OF_HOST_ROOT = ['9pnet_virtio', '9p', 'overlay'];

// 9p: nothing else writes below the host's root while a machine runs, so the guest may cache what it has
// seen.
const HOST_ROOT_OPTIONS = 'ro,trans=virtio,version=9p2000.L,msize=512000,cache=loose';

const BUSYBOX = '/bin/busybox';
const PERL = '/usr/bin/perl';

/** The settings that guest/init.sh reads. */
export interface GuestSetup {
  hostname: string;
  /** Files and directories of the host to copy in, for kernels without 9p. */
  hostPaths: string[];
  /** Disk images of the machine. */
  disks: string[];
}

/**
 * Builds the first file system of a machine: busybox, drivers and guest/init.sh, which goes on to the host's
 * root over 9p. Kernels without 9p stay in this file system and get copies of what they need: Perl, Node and
 * `hostPaths`.
 */
export async function buildInitramfs(kernel: Kernel, setup: GuestSetup): Promise<Buffer> {
  const sysroot = await sysrootFor(kernel.arch);
  if (sysroot && !hasHostRoot(kernel))
    throw new Error(`${kernel.release} has no 9p, without which a guest with another CPU gets no programs`);
  const drivers = [
    ...DRIVERS,
    ...(hasHostRoot(kernel) ? DRIVERS_OF_HOST_ROOT : []),
    ...(setup.disks.length > 0 ? DRIVERS_OF_DISKS : []),
  ];
  const [modules, busybox, init, channel] = await Promise.all([
    readModules(kernel, drivers),
    readBusybox(sysroot ? join(sysroot.root, 'usr/bin/busybox') : BUSYBOX),
    readGuestFile('init.sh'),
    readGuestFile('channel.pl'),
  ]);
  const directories = [
    'bin',
    'dev',
    'host',
    'memory',
    'modules',
    'proc',
    'programs',
    'root',
    'run',
    'sys',
    'tmp',
  ];
  return packNewc([
    ...directories.map(path => cpioDirectory(path)),
    cpioFile('bin/busybox', busybox, 0o755),
    cpioFile('init', init, 0o755),
    cpioFile('channel.pl', channel),
    cpioFile('machine.conf', machineConf(kernel, setup, sysroot)),
    ...modules.map(({ name, elf }, index) => cpioFile(`modules/${twoDigits(index)}-${name}.ko`, elf)),
    ...(hasHostRoot(kernel) ? [] : await copiedFromHost(kernel, setup.hostPaths)),
  ]);
}

async function copiedFromHost(kernel: Kernel, hostPaths: string[]): Promise<CpioEntry[]> {
  const libraries = (await Promise.all([librariesOf(PERL), librariesOf(NODE)])).flat();
  const perlModules = await runTool(PERL, ['-e', 'print grep { m{/perl-base$} } @INC']);
  return [
    ...(await collectHostTree([
      PERL,
      perlModules,
      NODE,
      ...libraries,
      kernel.modulesDirectory,
      ...hostPaths,
    ])),
    cpioDirectory('lib/modules'),
    cpioSymlink(`lib/modules/${kernel.release}`, kernel.modulesDirectory),
  ];
}

function machineConf(kernel: Kernel, setup: GuestSetup, sysroot: Sysroot | undefined): string {
  const variables = {
    hostname: setup.hostname,
    host_root_options: hasHostRoot(kernel) ? HOST_ROOT_OPTIONS : '',
    release: kernel.release,
    modules_directory: kernel.modulesDirectory,
    programs_node: sysroot?.node ?? '',
    node: NODE,
  };
  const lines = Object.entries(variables).map(
    ([name, value]) => `${name}='${value.replaceAll("'", "'\\''")}'\n`,
  );
  return lines.join('');
}

function twoDigits(index: number): string {
  return String(index).padStart(2, '0');
}

async function readBusybox(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Error(`no ${path} for the guest: install Debian's busybox-static`, { cause });
  }
}

function readGuestFile(name: string): Promise<Buffer> {
  return readFile(new URL(`guest/${name}`, import.meta.url));
}
