import { fileURLToPath } from 'node:url';
import type { ResultRow, TypedValue } from '../../../shared/messages/index.ts';
import type { Machine } from '../machine/index.ts';

/**
 * What to do in the guest: compile and run a program, in whose text `$CHILD` is the number of a process started for it, or
 * run a command, whose output is the result.
 */
export type GuestStep = string | { readonly command: readonly string[] };

/** What came of one program or command. */
export interface ProgramResult {
  readonly outcome: string;
  readonly value?: TypedValue;
  readonly rows?: readonly ResultRow[];
  readonly droppedRows?: number;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly line?: number;
    readonly column?: number;
  };
  readonly kernelLog: readonly string[];
  /** Where it did not compile. */
  readonly code?: string;
  readonly message?: string;
  /** What a command printed. */
  readonly output?: string;
}

/** What came of a list of programs, and why anything had to be read the slow way. */
export interface ProgramResults {
  readonly notes: readonly string[];
  readonly results: readonly ProgramResult[];
}

const SCRIPT = fileURLToPath(new URL('./run-programs.ts', import.meta.url));

/** Takes `steps` in the guest, one after the other. */
export async function runPrograms(machine: Machine, steps: readonly GuestStep[]): Promise<ProgramResults> {
  const output = await machine.output([machine.node, SCRIPT], {
    stdin: JSON.stringify(steps),
    timeoutMs: 240_000,
  });
  return JSON.parse(output);
}
