import {
  type Accesses,
  accessesOf,
  type Instruction,
  type IrProgram,
  type LocalPiece,
  type Temp,
} from '../ir/index.ts';

/** Number of the call that something depends on, from 1; 0 for what is known. */
export type TaintLabel = number;

/** What is not known of a program's temporaries and own memory, and on which call it depends. */
export class Taint {
  readonly temps: Uint16Array;
  /** By byte of the program's own memory, its constant data included. */
  readonly own: Uint16Array;
  readonly #accesses = new WeakMap<Instruction, Accesses>();

  constructor({ tempCount, localBytes, data }: IrProgram) {
    this.temps = new Uint16Array(tempCount);
    this.own = new Uint16Array(localBytes + data.length);
  }

  /** What an instruction touches, remembered. */
  accesses(instruction: Instruction): Accesses {
    let accesses = this.#accesses.get(instruction);
    if (!accesses) {
      accesses = accessesOf(instruction);
      this.#accesses.set(instruction, accesses);
    }
    return accesses;
  }

  /** What these depend on, the first of them. */
  ofTemps(temps: readonly Temp[]): TaintLabel {
    for (const temp of temps) if (this.temps[temp] !== 0) return this.temps[temp]!;
    return 0;
  }

  /** What a piece of own memory depends on. */
  ofOwn([offset, bytes]: LocalPiece): TaintLabel {
    for (let at = offset; at < offset + bytes; at++) if (this.own[at] !== 0) return this.own[at]!;
    return 0;
  }

  /**
   * Carries what is unknown from what an instruction reads to what it writes; a copy of memory does so byte
   * by byte.
   */
  propagate(instruction: Instruction, taintLabel: TaintLabel): void {
    if (instruction.op === 'move') {
      const { to, from, bytes } = instruction;
      this.own.copyWithin(to, from, from + bytes);
      return;
    }
    const { writes, localWrites } = this.accesses(instruction);
    for (const temp of writes) this.temps[temp] = taintLabel;
    for (const [offset, bytes] of localWrites) this.own.fill(taintLabel, offset, offset + bytes);
  }
}
