import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Kernel } from './kernels.ts';
import { readModules } from './modules.ts';
import { type CpioEntry, cpioDirectory, cpioFile, packNewc } from './newc.ts';

/** Drivers of the machine that bootMachine describes to QEMU. */
const MODULES = ['virtio_pci', 'virtio_console', 'virtio_net', '9pnet_virtio', '9p', 'overlay'];

const BUSYBOX = '/bin/busybox';

/** What guest/init.sh is told. */
export interface GuestSetup {
  hostname: string;
  /** Mount options of the host's root, beyond those that make it a read-only 9p mount over virtio. */
  hostOptions: string;
}

/** Builds the first file system of a machine: busybox, the modules that reach the host's files, and guest/init.sh. */
export async function buildInitramfs(kernel: Kernel, setup: GuestSetup): Promise<Buffer> {
  const [modules, busybox, init, channel] = await Promise.all([
    readModules(kernel, MODULES),
    readBusybox(),
    readGuestFile('init.sh'),
    readGuestFile('channel.pl'),
  ]);
  const directories = ['bin', 'dev', 'host', 'memory', 'modules', 'proc', 'root'];
  return packNewc([
    ...directories.map(path => cpioDirectory(path)),
    cpioFile('bin/busybox', busybox, 0o755),
    cpioFile('init', init, 0o755),
    cpioFile('channel.pl', channel),
    cpioFile('machine.conf', machineConf(kernel, setup)),
    ...modules.map(({ name, elf }, index): CpioEntry => {
      return cpioFile(`modules/${String(index).padStart(2, '0')}-${name}.ko`, elf);
    }),
  ]);
}

function machineConf(kernel: Kernel, setup: GuestSetup): string {
  const variables = {
    hostname: setup.hostname,
    host_options: setup.hostOptions,
    release: kernel.release,
    modules_directory: kernel.modulesDirectory,
  };
  const lines = Object.entries(variables).map(
    ([name, value]) => `${name}='${value.replaceAll("'", "'\\''")}'\n`,
  );
  return lines.join('');
}

async function readBusybox(): Promise<Buffer> {
  try {
    return await readFile(BUSYBOX);
  } catch (cause) {
    throw new Error(`no ${basename(BUSYBOX)} for the guest: install Debian's busybox-static`, { cause });
  }
}

function readGuestFile(name: string): Promise<Buffer> {
  return readFile(new URL(`guest/${name}`, import.meta.url));
}
