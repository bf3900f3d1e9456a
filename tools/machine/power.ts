import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { type Channel, openChannel } from './channel.ts';
import { type MachineConsole, recordConsole } from './console.ts';
import { buildInitramfs } from './initramfs.ts';
import { hasHostRoot, type Kernel } from './kernels.ts';
import type { MachineEnd } from './machine.ts';
import { type Monitor, openMonitor } from './monitor.ts';
import { CHANNEL_FD, MONITOR_FD, startQemu } from './qemu.ts';
import { type Forward, type Forwards, prepareForwards } from './relays.ts';
import { sysrootFor } from './sysroot.ts';
import { type Firmware, uefiVariables } from './uefi-variables.ts';

/** The parts from which a machine is started. */
export interface MachineParts {
  kernel: Kernel;
  hostname: string;
  memoryMib: number;
  cpus: number;
  forwards: Forward[];
  append: string;
  hostPaths: string[];
  disks: string[];
  lifeMs: number;
  countInstructions: boolean;
  firmware: Firmware | undefined;
}

/** A machine from power-on, before anything is known about its guest. */
export interface PoweredMachine {
  readonly pid: number;
  readonly console: MachineConsole;
  readonly channel: Channel;
  readonly monitor: Monitor;
  readonly forwards: Forwards;
  readonly exited: Promise<MachineEnd>;
  /** Cuts the power. `how` is what `exited` will say. */
  cut(how: 'stopped' | 'killed'): Promise<MachineEnd>;
  /** Says that the machine is about to power off because it was told to. */
  expectStop(): void;
}

/**
 * Starts the virtual machine and records what it says. Its files live in a temporary directory that ends with
 * it.
 */
export async function powerOn(parts: MachineParts): Promise<PoweredMachine> {
  const { kernel, memoryMib, cpus, append, disks, countInstructions } = parts;
  const directory = await makeDirectory();
  const initramfs = join(directory, 'initramfs.cpio');
  await writeFile(initramfs, await buildInitramfs(kernel, parts));
  const forwards = prepareForwards(directory, parts.forwards);
  const { vmlinuz } = kernel;
  const uefi = parts.firmware && (await writeVariables(directory, parts.firmware));
  const machine = {
    arch: kernel.arch,
    memoryMib,
    cpus,
    append,
    disks,
    countInstructions,
    uefiVariables: uefi,
  };
  const shares = await sharesOf(kernel);
  const qemu = startQemu({ ...machine, vmlinuz, initramfs, shares, relays: forwards.relays });
  const console = recordConsole([qemu.stdout!, qemu.stderr!], join(directory, 'console.log'));
  const channel = openChannel(qemu.stdio[CHANNEL_FD] as Duplex);
  channel.ready.then(() => rm(initramfs, { force: true })).catch(() => {});
  const monitor = openMonitor(qemu.stdio[MONITOR_FD] as unknown as Duplex);
  let expected: 'stopped' | 'killed' | undefined;

  const cut = (how: 'stopped' | 'killed') => {
    expected ??= how;
    qemu.kill('SIGKILL');
    return exited;
  };
  const life = Number.isFinite(parts.lifeMs) ? setTimeout(cut, parts.lifeMs, 'killed') : undefined;
  const ended = new Promise<void>(resolve => {
    qemu.once('error', () => resolve());
    qemu.once('close', () => resolve());
  });
  const exited = ended.then(async (): Promise<MachineEnd> => {
    clearTimeout(life);
    const how: MachineEnd['how'] =
      expected ?? (console.text().includes('Kernel panic - not syncing') ? 'panicked' : 'died');
    const end = { how, tail: console.tail() };
    channel.close(
      new Error(`the machine with ${kernel.release} ${how}; its console last said:\n${end.tail}`),
    );
    await rm(directory, { recursive: true, force: true });
    return end;
  });
  return {
    ...{ pid: qemu.pid ?? -1, console, channel, monitor, forwards, exited, cut },
    expectStop() {
      expected ??= 'stopped';
    },
  };
}

async function writeVariables(directory: string, firmware: Firmware): Promise<string> {
  const path = join(directory, 'uefi-variables');
  await writeFile(path, await uefiVariables(firmware));
  return path;
}

/** The host's root; and the programs that take the place of its own in guests with another CPU. */
async function sharesOf(kernel: Kernel): Promise<Record<string, string>> {
  if (!hasHostRoot(kernel)) return {};
  const sysroot = await sysrootFor(kernel.arch);
  return { host: '/', ...(sysroot ? { programs: sysroot.root } : {}) };
}

const PREFIX = 'farcall-machine-';

/** Nothing else in the directory for temporary files may be taken for one of ours: it would be removed. */
const OF_PROCESS = new RegExp(`^${PREFIX}(?<pid>[0-9]+)-[^-]*$`);

/**
 * Makes a directory named for this process, and removes those of processes that ended without a chance to.
 */
async function makeDirectory(): Promise<string> {
  for (const name of await readdir(tmpdir())) {
    const pid = OF_PROCESS.exec(name)?.groups?.['pid'];
    if (pid && !existsSync(`/proc/${pid}`)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}
