import { fileURLToPath } from 'node:url';
import type { ResultRow, TypedValue } from '../../../shared/messages/index.ts';
import type { Machine } from '../machine/index.ts';

/** What came of one program. */
export interface ProgramResult {
  readonly outcome: string;
  readonly value?: TypedValue;
  readonly error?: { readonly code: string; readonly message: string };
  readonly kernelLog: readonly string[];
  readonly rows?: readonly ResultRow[];
  /** Where it did not compile. */
  readonly code?: string;
  readonly message?: string;
}

/** What came of a list of programs, and why anything had to be read the slow way. */
export interface ProgramResults {
  readonly notes: readonly string[];
  readonly results: readonly ProgramResult[];
}

const SCRIPT = fileURLToPath(new URL('./run-programs.ts', import.meta.url));

/** Compiles and runs `programs` in the kernel of the guest, one after the other. */
export async function runPrograms(machine: Machine, programs: readonly string[]): Promise<ProgramResults> {
  const output = await machine.output([machine.node, SCRIPT], {
    stdin: JSON.stringify(programs),
    timeoutMs: 170_000,
  });
  return JSON.parse(output);
}
