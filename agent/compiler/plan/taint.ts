import {
  type Instruction,
  type IrProgram,
  type LocalPiece,
  type Temp,
  type Touched,
  touchedBy,
} from '../ir/index.ts';

/** Number of the call that something depends on, from 1; 0 for what is known. */
export type Origin = number;

/** What is not known of a program's temporaries and own memory, and on which call it depends. */
export class Taint {
  readonly temps: Uint16Array;
  /** By byte of the program's own memory, its constant data included. */
  readonly own: Uint16Array;
  readonly #touched = new WeakMap<Instruction, Touched>();

  constructor({ tempCount, localBytes, data }: IrProgram) {
    this.temps = new Uint16Array(tempCount);
    this.own = new Uint16Array(localBytes + data.length);
  }

  /** What an instruction touches, remembered. */
  touched(instruction: Instruction): Touched {
    let touched = this.#touched.get(instruction);
    if (!touched) {
      touched = touchedBy(instruction);
      this.#touched.set(instruction, touched);
    }
    return touched;
  }

  /** What these depend on, the first of them. */
  ofTemps(temps: readonly Temp[]): Origin {
    for (const temp of temps) if (this.temps[temp] !== 0) return this.temps[temp]!;
    return 0;
  }

  /** What a piece of own memory depends on. */
  ofOwn([offset, bytes]: LocalPiece): Origin {
    for (let at = offset; at < offset + bytes; at++) if (this.own[at] !== 0) return this.own[at]!;
    return 0;
  }

  /** Carries what is unknown from what an instruction reads to what it writes; a copy of memory does so byte by byte. */
  carry(instruction: Instruction, origin: Origin): void {
    if (instruction.op === 'move') {
      const { to, from, bytes } = instruction;
      this.own.copyWithin(to, from, from + bytes);
      return;
    }
    const { writes, localWrites } = this.touched(instruction);
    for (const temp of writes) this.temps[temp] = origin;
    for (const [offset, bytes] of localWrites) this.own.fill(origin, offset, offset + bytes);
  }
}
