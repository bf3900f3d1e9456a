import { join } from 'node:path';
import { FarcallError } from '../../shared/errors/index.ts';
import type { CompiledModule, CompiledRead } from '../compiler/index.ts';
import { runRead } from '../interpret/index.ts';
import type { KernelStages } from '../kernel-stages/index.ts';
import { ModuleLoader } from '../load/index.ts';
import { openHostKernel } from './host-kernel.ts';
import { warmUp } from './warm-up.ts';

/** How long after a call the loader of the next one is started; a call that comes sooner starts it itself. */
const PREPARE_AFTER_MS = 50;

/** What {@link kernelStages} is told. */
export interface KernelStagesOptions {
  /** The agent's own directory; the loader executable and waiting modules are kept below it. */
  readonly stateDirectory: string;
  /** Told, once, why something has to be read the slow way. */
  readonly note: (note: string) => void;
}

/** The stages of a call on the kernel of this very host. Throws where this kernel cannot be read. */
export function kernelStages({ stateDirectory, note }: KernelStagesOptions): KernelStages {
  const kernel = openHostKernel();
  for (const each of kernel.notes) note(each);
  const loader = new ModuleLoader({
    arch: kernel.arch,
    directory: join(stateDirectory, 'load'),
  });
  // What is loaded must be what the compiler made here, not merely something of the same shape.
  const made = new WeakMap<object, CompiledModule | CompiledRead>();
  loader.prepare();
  warmUp(kernel);
  return {
    facts: () => kernel.facts(),
    health: () => kernel.health(),
    compile(program, moduleName, options) {
      const call = kernel.compile(program, moduleName, options);
      made.set(call, call);
      return call;
    },
    recordBuild(program, moduleName) {
      const { call, facts } = kernel.recordBuild(program, moduleName);
      return { image: call.image, facts };
    },
    plan: (program, { reads, ...options }) =>
      reads ? kernel.plan(program, options) : kernel.planUnread(program, options),
    types: () => kernel.types(),
    async load({ order, compiled }, { timeoutMs, signature }) {
      const call = made.get(compiled);
      if (!call) throw new FarcallError('INTERNAL', 'a call that was not compiled here reached the loader');
      if (!call.image) {
        using memory = kernel.openMemory();
        return await runRead(call, { memory, timeoutMs });
      }
      refuseUnapprovedModule(order);
      const report = await loader.load(call, { timeoutMs, signature });
      // The result goes out first: starting a process holds up everything else for 20 ms under emulation.
      setTimeout(() => loader.prepare(), PREPARE_AFTER_MS).unref();
      return report;
    },
  };
}

/**
 * Threat: see `permit`. A module that nobody approved must not get here; if it does, that is a mistake of
 * ours.
 */
function refuseUnapprovedModule({ approvers }: { readonly approvers: readonly string[] }): void {
  if (approvers.length === 0) throw new FarcallError('POLICY_REFUSED', 'nobody approved this module');
}
