import type { OutcomeError, ResultRow, TypedValue } from '../../../shared/messages/index.ts';
import type { Machine } from '../../../tools/machine/index.ts';
import { Guest } from './guest.ts';
import { runStep } from './run-step.ts';

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
  /**
   * Who compiles the program. By default this process does, from the facts of the guest's kernel, in a tenth
   * of the time. `guest`: the guest, where the point is what the agent reads of its kernel. `agent`: the
   * guest too, and what only reads is interpreted, as the agent does.
   */
  readonly by?: 'guest' | 'agent';
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

/** A file, or the names in a folder, a line each: read without a command. */
export interface ReadStep {
  readonly file: string;
}

/** A program whose plan is the result, as the agent prints it. It runs nothing. */
export interface PlanStep {
  readonly plan: string;
}

/** What to do in the guest. Text is a program. */
export type GuestStep = string | ProgramStep | CommandStep | ReadStep | PlanStep;

/** What came of one program, command or file. */
export interface ProgramResult {
  readonly outcome: string;
  readonly value?: TypedValue;
  readonly rows?: readonly ResultRow[];
  readonly droppedRows?: number;
  readonly error?: OutcomeError;
  readonly kernelLog: readonly string[];
  /** Where it did not compile. */
  readonly code?: string;
  readonly message?: string;
  /** What a command printed, or a file holds. */
  readonly output?: string;
  /** Names that had to be declared, because this kernel has no types of them. */
  readonly declared?: readonly string[];
}

/** A program as this process and as the guest compile it: the SHA-256 of the module, or the error's code. */
export interface CompiledTwice {
  readonly program: string;
  readonly here: string;
  readonly inGuest: string;
}

/** What came of a list of programs. */
export interface ProgramResults {
  readonly results: readonly ProgramResult[];
  readonly compiledTwice: readonly CompiledTwice[];
}

/** If one step in so many is a program, it is compiled in the guest, too. */
const COMPILED_TWICE_EVERY = 24;

/** Takes `steps` in the guest, one after the other. The kernel is looked at when the first program comes. */
export async function runPrograms(machine: Machine, steps: readonly GuestStep[]): Promise<ProgramResults> {
  await using guest = new Guest(machine, steps);
  const results: ProgramResult[] = [];
  const compiledTwice: CompiledTwice[] = [];
  for (const [index, step] of steps.entries()) {
    if (index % COMPILED_TWICE_EVERY === 0 && isCompiledHere(step))
      compiledTwice.push(await compileTwice(guest, step));
    results.push(await runStep(step, { guest, index }));
  }
  return { results, compiledTwice };
}

function isCompiledHere(step: GuestStep): step is ProgramStep {
  return typeof step !== 'string' && 'program' in step && !step.by;
}

/** The facts of the kernel are the same here and there if the modules are. */
async function compileTwice(guest: Guest, step: ProgramStep): Promise<CompiledTwice> {
  const here = (await guest.kernel()).digestOf(step);
  return { program: step.program, here, inGuest: await (await guest.agent()).ask({ do: 'compile', step }) };
}
