import type { MachineCode } from '../../../../agent/compiler/index.ts';

/** One compiled program, and where its parts are in the process. */
export interface PlacedProgram {
  readonly code: MachineCode;
  /** Address of its `.bss`. */
  readonly zeros: bigint;
  /** Address of its `.data`. */
  readonly constants: bigint;
  /** Where to keep the registers that it left, {@link UserCpu.registersBytes} of them. */
  readonly registers: bigint;
}

/** The address of a section that code names; undefined where it names something else. */
export function sectionAddress({ zeros, constants }: PlacedProgram, symbol: string): bigint | undefined {
  return { '.bss': zeros, '.data': constants }[symbol];
}

/** A process that calls programs one after the other. */
export interface ProcessLayout {
  /** Code of the functions, each padded to its place, the first at {@link FIRST_FUNCTION}. */
  readonly functions: Uint8Array;
  readonly programs: readonly PlacedProgram[];
  /** Address of the first instruction. */
  readonly address: bigint;
  /** What is written to standard output in the end. */
  readonly output: { readonly address: bigint; readonly sizeBytes: number };
}

/** Where the functions start in a process: behind the jump over them. */
export const FIRST_FUNCTION = 16;

/**
 * What UserSpace must say in the machine code of one CPU. Functions check that the stack is aligned, and
 * change every register that a callee may change.
 */
export interface UserCpu {
  readonly arch: string;
  readonly registersBytes: number;
  /** Returns all bits of the value. */
  answer(value: bigint): Uint8Array;
  /**
   * Writes its arguments to `record[1]` and on, with what says how many vector registers there are to
   * `record[0]`.
   */
  recorder(count: number, record: bigint): Uint8Array;
  /** Counts its calls at the address, and returns its argument. */
  counter(at: bigint): Uint8Array;
  /** `long copy_to_user(void *to, const void *from, unsigned long size)` */
  copy(): Uint8Array;
  process(layout: ProcessLayout): Uint8Array;
  /** What init returned; throws where it left registers changed that are not its own. */
  returnedOf(registers: Buffer): number;
}
