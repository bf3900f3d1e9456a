import type { DebianArch } from './archive.ts';
import { bootMachine } from './boot.ts';
import { ensureKernel, type KernelFlavour, type KernelSeries } from './kernels.ts';
import type { Machine } from './machine.ts';

/** Which machine tests share. */
export interface SharedMachineOptions {
  flavour?: KernelFlavour;
  /** Default `amd64`. */
  arch?: DebianArch;
}

// On globalThis, because a test runner may load this module more than once in one process.
const REGISTRY = Symbol.for('farcall.test.machines');
type Registry = Map<string, Promise<Machine>>;

/**
 * The machine of `series` that all tests of this process share: booted by the first that asks, then given to
 * everyone, and booted again if it has ended meanwhile. It ends with the process. Tests that leave traces (a
 * tainted kernel is none) or cut the power boot their own. It stands still while nobody uses it.
 */
export async function sharedMachine(
  series: KernelSeries,
  options: SharedMachineOptions = {},
): Promise<Machine> {
  const { flavour = 'generic', arch = 'amd64' } = options;
  const machines = registry();
  const name = `${series}-${flavour}-${arch}`;
  const booting =
    machines.get(name) ??
    ensureKernel(series, { flavour, arch }).then(kernel => bootMachine({ kernel, pausesWhenIdle: true }));
  machines.set(name, booting);
  try {
    const machine = await booting;
    machine.exited.then(() => {
      if (machines.get(name) === booting) machines.delete(name);
    });
    return machine;
  } catch (error) {
    machines.delete(name);
    throw error;
  }
}

function registry(): Registry {
  const holder = globalThis as typeof globalThis & { [REGISTRY]?: Registry };
  holder[REGISTRY] ??= new Map();
  return holder[REGISTRY];
}
