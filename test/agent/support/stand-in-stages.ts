import { appendFileSync } from 'node:fs';
import type { HostPlan } from '../../../agent/interpret/index.ts';
import type { CompileOptions, KernelStages } from '../../../agent/kernel-stages/index.ts';
import type {
  CompiledCall,
  KernelHealth,
  KernelProbes,
  LoadReport,
  ReportedKernelFacts,
} from '../../../agent/stages/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import { packTypes, smallTypes } from '../../kit/kernel-types-kit.ts';

/** Facts of a kernel that there is not. */
export const KERNEL_FACTS: ReportedKernelFacts = {
  kernelRelease: '6.1.0-test',
  arch: 'x86_64',
  vermagic: '6.1.0-test SMP mod_unload ',
  modulesDisabled: false,
  sigEnforce: false,
  lockdown: 'none',
  taint: 0,
  bootId: '00000000-0000-0000-0000-000000000000',
};

/** What selectors know of it. */
export const selectableFacts = () => ({ ...KERNEL_FACTS, agentVersion: '0.1.0' });

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
  readonly compile?: (program: string, moduleName: string, options: CompileOptions) => Partial<CompiledCall>;
  readonly load?: (program: string) => Promise<LoadReport>;
  readonly facts?: () => ReportedKernelFacts;
  readonly plan?: (program: string) => Promise<HostPlan> | undefined;
  readonly health?: () => KernelHealth;
  readonly types?: () => Promise<Uint8Array>;
  readonly probes?: KernelProbes;
}

const NO_PROBES: KernelProbes = {
  loaded: () => [],
  read: () => undefined,
  remove: async () => true,
  uptimeMs: () => 60_000,
};

/** Stages that know no kernel, and remember in `loaded` what would have been run. */
export function standInStages(options: StandInOptions = {}): KernelStages & { readonly loaded: string[] } {
  const loaded: string[] = [];
  const facts = options.facts ?? (() => KERNEL_FACTS);
  const stages: KernelStages & { readonly loaded: string[] } = {
    loaded,
    facts,
    health: options.health ?? (() => ({ bootId: facts().bootId, taint: facts().taint })),
    compile(program, moduleName, compileOptions) {
      if (program.includes('syntax error'))
        throw new FarcallError('PROGRAM_SYNTAX', 'not C', { location: { line: 1, column: 2 } });
      if (program.includes('unknown name')) throw new FarcallError('SYMBOL_UNKNOWN', 'no such name');
      const callees = [
        { name: '_printk', module: undefined, prototype: 'int _printk(const char *fmt, ...)' },
      ];
      const image = Buffer.from(program);
      const made = {
        image,
        moduleName,
        effect: 'call',
        callees,
        answers: [],
        indirectCalls: [],
        watches: [],
        denies: [],
      } as const;
      return { ...made, ...options.compile?.(program, moduleName, compileOptions) };
    },
    recordBuild: () => {
      throw new FarcallError('KERNEL_LACKS', 'there is no kernel to compile against');
    },
    async plan(program, { moduleName, reads, mayCall }) {
      return (
        options.plan?.(program) ??
        standInPlan(stages.compile(program, moduleName, { signed: false, mayCall }), program, reads)
      );
    },
    probes: options.probes ?? NO_PROBES,
    async types() {
      if (options.types) return options.types();
      const { kernelRelease: release, kernelVersion: version = '', arch } = facts();
      return packTypes(smallTypes({ release, version, arch, later: release.startsWith('6.12') }));
    },
    async load({ order, compiled }) {
      loaded.push(compiled.moduleName);
      if (options.loadsFile) appendFileSync(options.loadsFile, `${compiled.moduleName}\n`);
      return options.load ? options.load(order.request.program) : RETURNED;
    },
  };
  return stages;
}

/** A plan of a program that is one call, on a kernel that there is not. */
function standInPlan(
  { image, effect, callees, indirectCalls, watches }: CompiledCall,
  program: string,
  reads: boolean,
): HostPlan {
  return {
    effect,
    indirectCalls,
    watches,
    denies: [],
    callees: callees.map(({ name, prototype }) => ({ name, prototype, address: '0xffffffff81000000' })),
    answers: [],
    warnings: [],
    steps: [{ kind: 'call', line: 1, column: 1, text: program, source: program }],
    droppedSteps: 0,
    ending: { kind: 'returned', text: '?' },
    rows: [],
    droppedRows: 0,
    notes: [reads ? 'memory was read' : 'memory was not read'],
    ...(image && { module: { bytes: image.length, sha256: Buffer.from(sha256(image)).toString('hex') } }),
  };
}
