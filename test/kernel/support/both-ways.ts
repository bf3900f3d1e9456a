import type { Machine } from '../../../tools/machine/index.ts';
import { type GuestStep, type ProgramResult, runPrograms } from './programs-in-guest.ts';

/** One program, run in both ways; the outcome is `error` where it did not compile. */
export interface BothWays {
  readonly program: string;
  readonly interpreted: ProgramResult;
  readonly module: ProgramResult;
}

/** What came of all, and how many modules of ours the kernel says that it has loaded. */
export interface AllBothWays {
  readonly results: readonly BothWays[];
  /** What the agent plans for a program that would do more than read. */
  readonly plan: string;
  /** After the plan was made and all programs were interpreted, and before any was run as a module. */
  readonly loadedForReads: number;
  readonly loadedInAll: number;
}

const TRACING = '/sys/kernel/tracing';

/** Lets the kernel write down which modules it loads. */
const TRACE =
  `[ -e ${TRACING}/events ] || mount -t tracefs none ${TRACING}; ` +
  `echo >${TRACING}/trace; echo 1 >${TRACING}/events/module/module_load/enable`;

/** How many of ours it has since. */
const COUNT: GuestStep = {
  command: ['busybox', 'sh', '-c', `grep -c 'module_load: farcall_test' ${TRACING}/trace || true`],
};

/**
 * Plans `planned` in the guest, and runs there programs that only read, each interpreted as its agent does,
 * and as a module.
 */
export async function runBothWays(
  machine: Machine,
  programs: readonly string[],
  planned: string,
): Promise<AllBothWays> {
  await machine.output(TRACE);
  const interpreted = programs.map(program => ({ program, by: 'agent' }) as const);
  const modules = programs.map(program => ({ program }));
  const { results } = await runPrograms(machine, [
    ...interpreted,
    { plan: planned },
    COUNT,
    ...modules,
    COUNT,
  ]);
  const half = programs.length + 2;
  const countAt = (index: number): number => Number(results[index]!.output);
  return {
    results: programs.map((program, index) => ({
      program,
      interpreted: results[index]!,
      module: results[half + index]!,
    })),
    plan: results[programs.length]!.output!,
    loadedForReads: countAt(programs.length + 1),
    loadedInAll: countAt(half + programs.length),
  };
}
