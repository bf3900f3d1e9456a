import type { ModuleAbi } from '../../../agent/compiler/index.ts';
import type { LoadReport } from '../../../agent/stages/index.ts';
import type { ProgramResult, ProgramStep } from './programs-in-guest.ts';

/** What the programs in a guest are told, by the name of the order. */
export interface Orders {
  /** Read your kernel. */
  readonly kernel: { readonly do: 'kernel' };
  /** Compile, and say what came of it as `digestOfStep` does. */
  readonly compile: { readonly do: 'compile'; readonly step: ProgramStep };
  /** Load this module, in base64. */
  readonly load: { readonly do: 'load'; readonly image: string; readonly resultBytes: number };
  /** Compile and run. */
  readonly program: { readonly do: 'program'; readonly step: ProgramStep; readonly name: string };
  /** Say what a program would do, as `farcall-agent plan` prints it. */
  readonly plan: { readonly do: 'plan'; readonly program: string };
  /** Read a file, or the names in a folder, a line each. */
  readonly read: { readonly do: 'read'; readonly path: string };
  /** Start a process that sleeps; there is one at a time. */
  readonly child: { readonly do: 'child' };
  readonly 'end-child': { readonly do: 'end-child' };
  /** Write down what V8 has compiled. */
  readonly flush: { readonly do: 'flush' };
}

/** What it answers. */
export interface Replies {
  readonly kernel: KernelThere;
  readonly compile: string;
  readonly load: RawReport;
  readonly program: ProgramResult;
  readonly plan: string;
  /** Null where there is no such file. */
  readonly read: string | null;
  /** Its number. */
  readonly child: number;
  readonly 'end-child': null;
  readonly flush: null;
}

/** What the agent in the guest reads of its kernel, beside types and symbols. */
export interface KernelThere {
  readonly abi: ModuleAbi;
  /** Size of its pages. */
  readonly pageKib: number;
  /** Names in /sys/kernel/btf. */
  readonly typesOf: readonly string[];
}

/** What came of a load. */
export type RawReport = Omit<LoadReport, 'late'> & {
  /** The result area in base64, without the zeros at its end; undefined where the loader brought none. */
  readonly area?: string;
};
