import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { type Channel, openChannel } from './channel.ts';
import { type MachineConsole, recordConsole } from './console.ts';
import { buildInitramfs } from './initramfs.ts';
import type { Kernel } from './kernels.ts';
import type { MachineEnd } from './machine.ts';
import { CHANNEL_FD, startQemu } from './qemu.ts';
import { type Forward, type Forwards, prepareForwards } from './relays.ts';

/** What a machine is made of. */
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
}

/** A machine from power-on, before anything is known about its guest. */
export interface PoweredMachine {
  readonly pid: number;
  readonly console: MachineConsole;
  readonly channel: Channel;
  readonly forwards: Forwards;
  readonly exited: Promise<MachineEnd>;
  /** Cuts the power. `how` is what `exited` will say. */
  cut(how: 'stopped' | 'killed'): Promise<MachineEnd>;
  /** Says that the machine is about to power off because it was told to. */
  expectStop(): void;
}

/** Starts the virtual machine and records what it says. Its files live in a temporary directory that ends with it. */
export async function powerOn(parts: MachineParts): Promise<PoweredMachine> {
  const { kernel, memoryMib, cpus, append, disks, countInstructions } = parts;
  const directory = await makeDirectory();
  const initramfs = join(directory, 'initramfs.cpio');
  await writeFile(initramfs, await buildInitramfs(kernel, parts));
  const forwards = prepareForwards(directory, parts.forwards);
  const hardware = { memoryMib, cpus, append, disks, countInstructions, initramfs, relays: forwards.relays };
  const qemu = startQemu({ ...hardware, vmlinuz: kernel.vmlinuz, hostRoot: kernel.flavour === 'generic' });
  const console = recordConsole([qemu.stdout!, qemu.stderr!], join(directory, 'console.log'));
  const channel = openChannel(qemu.stdio[CHANNEL_FD] as Duplex);
  channel.ready.then(() => rm(initramfs, { force: true })).catch(() => {});
  let expected: 'stopped' | 'killed' | undefined;

  const cut = (how: 'stopped' | 'killed') => {
    expected ??= how;
    qemu.kill('SIGKILL');
    return exited;
  };
  const life = setTimeout(cut, parts.lifeMs, 'killed');
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
    ...{ pid: qemu.pid ?? -1, console, channel, forwards, exited, cut },
    expectStop() {
      expected ??= 'stopped';
    },
  };
}

const PREFIX = 'farcall-machine-';

/** Makes a directory named for this process, and removes those of processes that ended without a chance to. */
async function makeDirectory(): Promise<string> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? name.slice(PREFIX.length).split('-')[0] : undefined;
    if (pid && !existsSync(`/proc/${pid}`)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}
