import { fileURLToPath } from 'node:url';
import type { ResultRow, TypedValue } from '../../../shared/messages/index.ts';
import type { Machine } from '../../../tools/machine/index.ts';
import { DEADLINES } from '../../kit/deadlines.ts';
import { guestScript } from './guest-script.ts';

/** Ways to carry out a compiled program. */
export type How = 'module';

/**
 * A program to compile and run. In its text `$CHILD` is the number of a process started for it, `$PAGE_KIB`
 * the size of the guest's pages.
 */
export interface ProgramStep {
  readonly program: string;
  /**
   * Declarations by name, for kernels that have the name but no type of it: put in front of the program only
   * where the compiler asks for one.
   */
  readonly declare?: Readonly<Record<string, string>>;
  /**
   * What the kernel must have for the program to make sense; where it does not, the outcome is `lacks`.
   * Symbols of data need not be named: where the kernel tells of none at all, a program that names one lacks
   * them.
   */
  readonly needs?: readonly Need[];
  readonly how?: How;
}

/** Something that not every kernel has, found out by looking, never from its version. */
export type Need =
  /** A name in /proc/kallsyms. */
  | { readonly symbol: string }
  /** A module that can be loaded, or is built in. */
  | { readonly module: string }
  /** Types of a loaded module: a file in /sys/kernel/btf. */
  | { readonly typesOf: string }
  /** A member, as `struct.member`. */
  | { readonly member: string };

/** A command whose output is the result. */
export interface CommandStep {
  readonly command: readonly string[];
}

/** What to do in the guest. Text is a program. */
export type GuestStep = string | ProgramStep | CommandStep;

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
  /** Names that had to be declared, because this kernel has no types of them. */
  readonly declared?: readonly string[];
}

/** What came of a list of programs, and why anything had to be read the slow way. */
export interface ProgramResults {
  readonly notes: readonly string[];
  readonly results: readonly ProgramResult[];
}

const SCRIPT = fileURLToPath(new URL('./run-programs.ts', import.meta.url));

/** Takes `steps` in the guest, one after the other. */
export async function runPrograms(machine: Machine, steps: readonly GuestStep[]): Promise<ProgramResults> {
  const output = await machine.output(await guestScript(machine, SCRIPT), {
    stdin: JSON.stringify(steps),
    timeoutMs: DEADLINES.machinesMs,
  });
  return JSON.parse(output);
}
