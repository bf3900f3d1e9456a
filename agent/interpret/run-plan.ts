import { setImmediate } from 'node:timers/promises';
import { sha256 } from '../../shared/tokens/index.ts';
import type { Compiler, PermittedFunctions, ProgramPlan } from '../compiler/index.ts';
import type { KernelMemory } from '../kernel/index.ts';
import { PagedMemory } from './paged-memory.ts';
import { TimeSlice } from './time-slice.ts';

/** The plan of a program on this host now. Plain data, ready for JSON. */
export interface HostPlan extends ProgramPlan {
  /** The module that would be loaded; missing if the program would be interpreted. */
  readonly module?: {
    readonly bytes: number;
    /** In hex. */
    readonly sha256: string;
  };
}

export interface RunPlanOptions {
  readonly compiler: Compiler;
  /**
   * Undefined if the kernel's memory is closed: then only names, types and effect are known. `unread` where
   * it is not to be looked at.
   */
  readonly memory: KernelMemory | 'unread' | undefined;
  /** What pointers may hold beside the functions that the program names. */
  readonly permitted: PermittedFunctions;
  /** Whether programs that only read are interpreted here, because memory is open. */
  readonly interprets: boolean;
  readonly moduleName: string;
  /** Turns that loops may make in all; FUEL_DEFAULT if it is left out. */
  readonly fuel?: number | undefined;
  /** After this many milliseconds the plan ends as `stopped`. */
  readonly timeoutMs: number;
}

/**
 * Plans `program` on this host: reads, and neither calls nor writes nor loads anything. Yields every few
 * milliseconds. Throws what compiling throws.
 */
export async function runPlan(program: string, options: RunPlanOptions): Promise<HostPlan> {
  const plan = await runToEnd(program, options);
  const { compiler, interprets, moduleName, permitted, fuel } = options;
  const { image } = interprets
    ? compiler.compileWithoutModule(program, moduleName, permitted, fuel)
    : compiler.compile(program, moduleName, permitted, fuel);
  if (!image) return plan;
  const digest = Buffer.from(sha256(image)).toString('hex');
  return { ...plan, module: { bytes: image.length, sha256: digest } };
}

async function runToEnd(
  program: string,
  { compiler, memory, timeoutMs, permitted, fuel }: RunPlanOptions,
): Promise<ProgramPlan> {
  const paged = memory && memory !== 'unread' ? new PagedMemory(memory) : undefined;
  const slice = new TimeSlice();
  const run = compiler.plan(program, memory === 'unread' ? 'unread' : paged, permitted, fuel);
  for (;;) {
    const { done, value } = run.next();
    if (done) return value;
    if (slice.elapsedUs > timeoutMs * 1000) return stopped(compiler, program, { timeoutMs, permitted });
    if (!slice.isOver) continue;
    await setImmediate();
    slice.renew();
  }
}

/** The plan that is known without stepping through the program. */
function stopped(
  compiler: Compiler,
  program: string,
  { timeoutMs, permitted }: Pick<RunPlanOptions, 'timeoutMs' | 'permitted'>,
): ProgramPlan {
  const { done, value } = compiler.plan(program, undefined, permitted).next();
  if (!done) throw new Error('a plan without memory has nothing to wait for');
  return { ...value, ending: { kind: 'stopped', text: `not done after ${timeoutMs} ms` } };
}
