import { performance } from 'node:perf_hooks';
import { DEADLINES } from './deadlines.ts';
import type { Kernel } from './kernels.ts';
import { commandsOver, type Machine } from './machine.ts';
import { NODE } from './node-binary.ts';
import { pausingChannel } from './pausing.ts';
import { type PoweredMachine, powerOn } from './power.ts';
import type { Forward } from './relays.ts';
import type { Firmware } from './uefi-variables.ts';

/** The kernel, size, devices and name of a machine to boot. */
export interface BootOptions {
  kernel: Kernel;
  /** Memory of the guest in MiB. Default 1024. */
  memoryMib?: number;
  /** Virtual CPUs. Default 1: two emulated ones scatter timings. */
  cpus?: number;
  /** Ports of the host's loopback that the guest may reach, at `HOST_ADDRESS`. Default none. */
  forwards?: Forward[];
  /** More words for the kernel's command line. */
  append?: string;
  /** Host name in the guest. Default `guest`. */
  hostname?: string;
  /**
   * Files and directories of the host that a guest without 9p (a cloud kernel) gets copies of, at the same
   * paths. Other guests see all of the host's files.
   */
  hostPaths?: string[];
  /**
   * Whether the guest's clock goes by the instructions that its CPU carries out (4 ns each) and not by time:
   * what else the host does then scatters no figure. Default false.
   */
  countInstructions?: boolean;
  /**
   * Raw disk images (ext4), which the guest sees as /dev/vda and so on. What the guest has synced is there
   * after a cut of its power; what only stood in its memory is not.
   */
  disks?: string[];
  /**
   * Whether the machine stands still while it runs no program that it was told to run; its clocks stand still
   * with it. Default false.
   */
  pausesWhenIdle?: boolean;
  /** UEFI firmware and whom it trusts. Default: none; QEMU starts the kernel by itself. */
  firmware?: Firmware;
  /** Milliseconds after which a machine that runs no commands is given up. Default {@link DEADLINES}. */
  bootTimeoutMs?: number;
  /**
   * Milliseconds after which the machine is killed, whatever it does; Infinity for one that lives until it is
   * ended. Default {@link DEADLINES}.
   */
  lifeMs?: number;
}

const STARTED = 'farcall-machine: started';
const ATTEMPTS = 3;

/**
 * Boots a machine and resolves once it runs commands. Rejects with the console's last lines when it does not
 * get there in time. Only a guest that stays silent, without even starting its first process, is tried again:
 * anything later is a finding.
 */
export async function bootMachine(options: BootOptions): Promise<Machine> {
  const since = performance.now();
  const powered = await powerOnUntilStarted(options);
  const timeoutMs = options.bootTimeoutMs ?? DEADLINES.bootMs;
  if (await within(timeoutMs, powered.channel.ready)) {
    return machineOf(options, powered, performance.now() - since);
  }
  const { tail } = await powered.cut('killed');
  throw new Error(
    `${options.kernel.release} ran no commands within ${timeoutMs} ms; its console last said:\n${tail}`,
  );
}

async function powerOnUntilStarted(options: BootOptions): Promise<PoweredMachine> {
  const { kernel, hostname = 'guest', memoryMib = 1024, cpus = 1, append = '' } = options;
  const { forwards = [], hostPaths = [], disks = [], lifeMs = DEADLINES.lifeMs } = options;
  const { countInstructions = false, firmware } = options;
  for (let attempt = 1; ; attempt++) {
    const guest = { kernel, hostname, append, forwards, hostPaths, disks };
    const parts = { ...guest, memoryMib, cpus, lifeMs, countInstructions, firmware };
    const powered = await powerOn(parts);
    if (await within(DEADLINES.startMs, powered.console.waitFor(STARTED)).catch(() => false)) return powered;
    const { tail } = await powered.cut('killed');
    if (attempt === ATTEMPTS) {
      throw new Error(
        `${kernel.release} started in none of ${ATTEMPTS} attempts; the last console:\n${tail}`,
      );
    }
  }
}

function machineOf(
  { kernel, pausesWhenIdle }: BootOptions,
  powered: PoweredMachine,
  bootMs: number,
): Machine {
  const { pid, console, monitor, forwards, exited, cut } = powered;
  const channel = pausesWhenIdle ? pausingChannel(powered.channel, monitor) : powered.channel;
  const commands = commandsOver(channel, console);
  return {
    ...{ kernel, console, pid, node: NODE, bootMs, exited, ...commands },
    forward: forwards.set,
    async isPaused() {
      const { status } = (await monitor.execute('query-status')) as { status: string };
      return status === 'paused';
    },
    kill: () => cut('killed'),
    async stop() {
      powered.expectStop();
      commands.start(['busybox', 'poweroff', '-f']);
      await within(DEADLINES.stopMs, exited);
      return cut('stopped');
    },
    async [Symbol.asyncDispose]() {
      await cut('killed');
    },
  };
}

/** Whether `promise` resolves in time. Its rejection is passed on. */
async function within(timeoutMs: number, promise: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, timeoutMs, false);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
