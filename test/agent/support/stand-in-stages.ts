import { appendFileSync } from 'node:fs';
import type { KernelStages } from '../../../agent/run-order/index.ts';
import type { CompiledCall, KernelFacts, LoadReport } from '../../../agent/stages/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';

/** Facts of a kernel that there is not. */
export const KERNEL_FACTS: KernelFacts = {
  kernelRelease: '6.1.0-test',
  arch: 'x86_64',
  vermagic: '6.1.0-test SMP mod_unload ',
  modulesDisabled: false,
  sigEnforce: false,
  lockdown: 'none',
  taint: 0,
  bootId: '00000000-0000-0000-0000-000000000000',
};

/** What a loaded program reports where nothing else is asked for. */
export const RETURNED: LoadReport = {
  outcome: 'returned',
  value: { type: 'int', text: '(int)17', kind: 'int', integer: '17' },
  kernelLog: ['Hello'],
  spawnUs: 10,
  loadUs: 20,
};

/** What to do differently. */
export interface StandInOptions {
  /** Gets a line with the module's name for each load. */
  readonly loadsFile?: string;
  readonly compile?: (program: string, moduleName: string) => Partial<CompiledCall>;
  readonly load?: (program: string) => Promise<LoadReport>;
  readonly facts?: () => KernelFacts;
}

/** Stages that know no kernel, and remember in `loaded` what would have been run. */
export function standInStages(options: StandInOptions = {}): KernelStages & { readonly loaded: string[] } {
  const loaded: string[] = [];
  return {
    loaded,
    facts: options.facts ?? (() => KERNEL_FACTS),
    compile(program, moduleName) {
      if (program.includes('syntax error'))
        throw new FarcallError('PROGRAM_SYNTAX', 'not C', { place: { line: 1, column: 2 } });
      if (program.includes('unknown name')) throw new FarcallError('SYMBOL_UNKNOWN', 'no such name');
      const callees = [
        { name: '_printk', module: undefined, prototype: 'int _printk(const char *fmt, ...)' },
      ];
      const image = Buffer.from(program);
      return { image, moduleName, effect: 'call', callees, ...options.compile?.(program, moduleName) };
    },
    recordBuild: () => {
      throw new FarcallError('KERNEL_LACKS', 'there is no kernel to compile against');
    },
    plan: () => Promise.reject(new FarcallError('KERNEL_LACKS', 'there is no kernel to plan on')),
    async load({ order, compiled }) {
      loaded.push(compiled.moduleName);
      if (options.loadsFile) appendFileSync(options.loadsFile, `${compiled.moduleName}\n`);
      return options.load ? options.load(order.request.program) : RETURNED;
    },
  };
}
