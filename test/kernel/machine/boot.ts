import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { openChannel } from './channel.ts';
import { recordConsole } from './console.ts';
import { buildInitramfs } from './initramfs.ts';
import type { Kernel } from './kernels.ts';
import { commandsOver, type Machine, type MachineEnd } from './machine.ts';
import { CHANNEL_FD, type Forward, startQemu } from './qemu.ts';

/** What machine to boot. */
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
  /** Milliseconds after which a machine that is not ready is given up. Default 120,000. */
  bootTimeoutMs?: number;
  /** Milliseconds after which the machine is killed, whatever it does. Default 30 minutes. */
  lifeMs?: number;
}

const STARTED = 'farcall-machine: started';
const START_TIMEOUT_MS = 60_000;
const ATTEMPTS = 3;
const NODE = fileURLToPath(new URL('../../../node_modules/node/bin/node', import.meta.url));

/**
 * Boots a machine and resolves once it runs commands. Rejects with the console's last lines when it does not get
 * there in time. Only a guest that never came as far as its first process is tried again: anything later is a finding.
 */
export async function bootMachine(options: BootOptions): Promise<Machine> {
  for (let attempt = 1; ; attempt++) {
    const machine = await powerOn(options);
    try {
      await machine.started;
    } catch (error) {
      await machine.kill();
      if (attempt < ATTEMPTS) continue;
      throw new Error(
        `no guest came up in ${ATTEMPTS} attempts; the last console:\n${machine.console.tail()}`,
        {
          cause: error,
        },
      );
    }
    return await machine.whenReady();
  }
}

async function powerOn(options: BootOptions) {
  const { kernel, hostname = 'guest', memoryMib = 1024, cpus = 1, forwards = [], append = '' } = options;
  const directory = await mkdtemp(join(tmpdir(), 'farcall-machine-'));
  const initramfs = join(directory, 'initramfs.cpio');
  await writeFile(initramfs, await buildInitramfs(kernel, { hostname, hostOptions: HOST_OPTIONS }));
  const since = performance.now();
  const qemu = startQemu({ vmlinuz: kernel.vmlinuz, initramfs, memoryMib, cpus, forwards, append });
  const console = recordConsole([qemu.stdout!, qemu.stderr!], join(directory, 'console.log'));
  const channel = openChannel(qemu.stdio[CHANNEL_FD] as Duplex);
  const commands = commandsOver(channel, console);
  const life = setTimeout(() => qemu.kill('SIGKILL'), options.lifeMs ?? 30 * 60_000);
  let ending: 'stopped' | 'killed' | undefined;

  const exited = new Promise<MachineEnd>(resolve => {
    qemu.once('error', () => resolve({ how: 'died', tail: 'setpriv cannot be started' }));
    qemu.once('close', () => resolve({ how: howEnded(ending, console.text()), tail: console.tail() }));
  }).then(async end => {
    clearTimeout(life);
    channel.close(
      new Error(`the machine (${kernel.release}) ${end.how}; its console last said:\n${end.tail}`),
    );
    await rm(end.how === 'stopped' || end.how === 'killed' ? directory : initramfs, { recursive: true });
    return end;
  });
  const kill = () => {
    ending ??= 'killed';
    qemu.kill('SIGKILL');
    return exited;
  };
  const stop = async () => {
    ending ??= 'stopped';
    const timer = setTimeout(() => qemu.kill('SIGKILL'), 10_000);
    commands.start(['busybox', 'poweroff', '-f']);
    await exited;
    clearTimeout(timer);
    return exited;
  };
  return {
    console,
    kill,
    started: withDeadline(console.waitFor(STARTED), START_TIMEOUT_MS, 'the guest did not start'),
    async whenReady(): Promise<Machine> {
      try {
        await withDeadline(channel.ready, options.bootTimeoutMs ?? 120_000, 'the guest did not get ready');
      } catch (cause) {
        await kill();
        throw new Error(`${kernel.release} did not boot to a command channel:\n${console.tail()}`, { cause });
      }
      const bootMs = performance.now() - since;
      const pid = qemu.pid!;
      const dispose = async () => void (await kill());
      return {
        ...{ kernel, console, pid, node: NODE, bootMs, exited, ...commands, stop, kill },
        [Symbol.asyncDispose]: dispose,
      };
    },
  };
}

const HOST_OPTIONS = 'msize=512000,cache=loose';

function howEnded(ending: 'stopped' | 'killed' | undefined, console: string): MachineEnd['how'] {
  if (ending) return ending;
  return console.includes('Kernel panic - not syncing') ? 'panicked' : 'died';
}

async function withDeadline<T>(promise: Promise<T>, timeoutMs: number, message: string): Promise<T> {
  const deadline = Promise.withResolvers<never>();
  const timer = setTimeout(() => deadline.reject(new Error(`${message} within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([promise, deadline.promise]);
  } finally {
    clearTimeout(timer);
  }
}
