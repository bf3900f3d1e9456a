import { fileURLToPath } from 'node:url';
import type { LoadReport } from '../../../agent/stages/index.ts';
import type { Machine } from '../../../tools/machine/index.ts';
import { DEADLINES } from '../../kit/deadlines.ts';
import { guestScript } from './guest-script.ts';

/** What came of a program in one of two ways; `error` where it did not compile, too. */
type Way = Partial<Omit<LoadReport, 'outcome' | 'late'>> & { readonly outcome: string };

/** One program, run in both ways. */
export interface BothWays {
  readonly program: string;
  readonly interpreted: Way;
  readonly module: Way;
}

/** What came of all, and how many modules of ours the kernel says that it has loaded. */
export interface AllBothWays {
  readonly results: readonly BothWays[];
  /** After all programs were interpreted, and before any was run as a module. */
  readonly loadedForReads: number;
  readonly loadedInAll: number;
}

const SCRIPT = fileURLToPath(new URL('./read-both-ways.ts', import.meta.url));

/** Runs programs that only read in the guest, each interpreted and as a module. */
export async function runBothWays(machine: Machine, programs: readonly string[]): Promise<AllBothWays> {
  const stdin = JSON.stringify(programs);
  return JSON.parse(
    await machine.output(await guestScript(machine, SCRIPT), { stdin, timeoutMs: DEADLINES.machinesMs }),
  );
}
