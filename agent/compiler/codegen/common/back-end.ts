import type { CallTarget, HandlerProgram, IrProgram } from '../../ir/index.ts';
import type { FindFunction } from './helpers.ts';

/**
 * A field in the code that the kernel's module loader must complete. Each ELF machine has a type for each
 * kind.
 */
export interface Relocation {
  /**
   * `call`: distance to a function; `pc32`: distance to a section; `abs64`: an address; `abs16-0` to
   * `abs16-3`: 16 bits of an address, the lowest first, in an instruction.
   */
  readonly kind: 'call' | 'pc32' | 'abs64' | 'abs16-0' | 'abs16-1' | 'abs16-2' | 'abs16-3';
  readonly offset: number;
  /** Name of a function, or of a section with its dot. */
  readonly symbol: string;
  readonly addend: bigint;
}

/** A program to generate code for, and what the code needs of the kernel and the loader. */
export interface CodegenInput {
  readonly program: IrProgram;
  /** Finds the functions of the kernel that the code itself needs. */
  readonly findFunction: FindFunction;
  /** Address in the loader process that the result area is copied to. */
  readonly userAddress: bigint;
}

/** An instruction that may fault, and where the kernel goes on when it does: offsets in the text. */
export interface FaultEntry {
  readonly at: number;
  readonly resumeAt: number;
}

/** Zeros before each handler, for what a kernel built with kCFI reads there. */
export const HANDLER_GAP_BYTES = 16;

/** Machine code of a module's init function, and what goes with it. */
export interface MachineCode {
  readonly text: Uint8Array;
  /** Constants, for `.data`. */
  readonly data: Uint8Array;
  /** Size of `.bss`. */
  readonly zeroBytes: number;
  readonly relocations: readonly Relocation[];
  /** Functions that `call` relocations name. */
  readonly targets: readonly CallTarget[];
  /** What goes into the module's exception table. */
  readonly faults: readonly FaultEntry[];
  /** Where handlers begin in the text, behind {@link HANDLER_GAP_BYTES} zeros, and of which type they are. */
  readonly handlers: readonly { readonly at: number; readonly kind: HandlerProgram['kind'] }[];
  /** Where in the text the module's exit function begins, if it may stay in the kernel. */
  readonly exit?: number | undefined;
}

/**
 * What one CPU brings. To add a CPU: implement this in a folder of its own, list it in `codegen/index.ts`,
 * give its ELF numbers in `elf/machines.ts` and its loader in `loader/`; nothing else may know which CPU it
 * is. docs/adding-a-cpu.md has the tests that it must pass.
 */
export interface BackEnd {
  /** As `uname -m` says it. */
  readonly arch: string;
  /** What `objdump -m` takes, for those who want to read the code. */
  readonly objdumpMachine: string;
  /** Whether its psABI has plain `char` signed. */
  readonly charIsSigned: boolean;
  /**
   * Whether a bit field without a name counts for the alignment of its structure, as one with a name does
   * everywhere.
   */
  readonly unnamedBitFieldsAlign: boolean;
  /**
   * Code for `int init(void)`, which runs the program, copies the result area to the loader and returns
   * -EINPROGRESS, so that the kernel throws the module away, or 0 where it stays. Same input, same bytes.
   */
  generate(input: CodegenInput): MachineCode;
}
