import { join } from 'node:path';
import { FarcallError } from '../../shared/errors/index.ts';
import type { CompiledModule, CompiledRead } from '../compiler/index.ts';
import { runRead } from '../interpret/index.ts';
import { HOST_FILES, ownModules, readOptionalHostText, residentModules } from '../kernel/index.ts';
import type { KernelStages } from '../kernel-stages/index.ts';
import { LeftModules, ModuleLoader, readDenyCounts } from '../load/index.ts';
import { openHostKernel } from './host-kernel.ts';
import { warmUp } from './warm-up.ts';

/**
 * How long after a call the loader of the next call is started. A call that comes sooner starts it itself.
 */
const PREPARE_AFTER_MS = 50;

export interface KernelStagesOptions {
  /** The agent's own directory; the loader executable and waiting modules are kept below it. */
  readonly stateDirectory: string;
  /** Called at most once for each reason why something has to be read the slow way. */
  readonly note: (note: string) => void;
}

/** The stages of a call on the kernel of this very host. Throws where this kernel cannot be read. */
export function kernelStages({ stateDirectory, note }: KernelStagesOptions): KernelStages {
  const kernel = openHostKernel();
  for (const each of kernel.notes) note(each);
  const loader = new ModuleLoader({
    arch: kernel.arch,
    directory: join(stateDirectory, 'load'),
    openMemory: () => kernel.openMemory(),
  });
  const left = new LeftModules({
    file: join(stateDirectory, 'left-modules.json'),
    inKernel: ownModules,
    running: () => loader.running,
    nowMs: Date.now,
  });
  // A call that is loaded must be one that this compiler made, not merely an object of the same shape.
  const made = new WeakMap<object, CompiledModule | CompiledRead>();
  loader.prepare();
  warmUp(kernel);
  return {
    facts() {
      const facts = kernel.facts();
      const leftModules = left.look(facts.bootId);
      return { ...facts, ...(leftModules.length > 0 && { leftModules }) };
    },
    health: () => kernel.health(),
    compile(program, moduleName, options) {
      const call = kernel.compile(program, moduleName, options);
      made.set(call, call);
      return call;
    },
    recordBuild(program, moduleName, mayCall, fuel) {
      const { call, facts } = kernel.recordBuild(program, moduleName, mayCall, fuel);
      return { image: call.image, facts };
    },
    plan: (program, { reads, ...options }) =>
      reads ? kernel.plan(program, options) : kernel.planUnread(program, options),
    types: () => kernel.types(),
    probes: {
      loaded: residentModules,
      read: (moduleName, places) =>
        readDenyCounts(moduleName, places, { openMemory: () => kernel.openMemory() }),
      remove: moduleName => loader.remove(moduleName),
      uptimeMs,
    },
    async load({ order, compiled }, { timeoutMs, signature }) {
      const call = made.get(compiled);
      if (!call) throw new FarcallError('INTERNAL', 'a call that was not compiled here reached the loader');
      if (!call.image) {
        using memory = kernel.openMemory();
        return await runRead(call, { memory, timeoutMs });
      }
      refuseUnapprovedModule(order);
      const report = await loader.load(call, { timeoutMs, signature });
      // The result is sent first: starting a process blocks everything else for 20 ms under emulation.
      setTimeout(() => loader.prepare(), PREPARE_AFTER_MS).unref();
      return report;
    },
  };
}

/** As /proc/uptime has it, which counts time asleep, too (fs/proc/uptime.c, v6.12). */
function uptimeMs(): number {
  const text = readOptionalHostText(`${HOST_FILES.proc}/uptime`) ?? '';
  return Math.round(Number(text.split(' ')[0]) * 1000);
}

/**
 * Threat: see `permit`. A module that nobody approved must not reach this stage; if it does, farcall has a
 * bug.
 */
function refuseUnapprovedModule({ approvers }: { readonly approvers: readonly string[] }): void {
  if (approvers.length === 0) throw new FarcallError('POLICY_REFUSED', 'nobody approved this module');
}
