import {
  accessesOf,
  accessesOfTerminator,
  forwardOrder,
  type Instruction,
  type IrProgram,
  type Temp,
  type Terminator,
} from '../ir/index.ts';

/** Instructions between two looks at the clock: each may read a page. */
const INSTRUCTIONS_A_PIECE = 128;

/** A block, or a part of a long one, whose code can be entered. */
export interface Piece {
  readonly instructions: readonly Instruction[];
  /** Undefined where the next piece goes on. */
  readonly terminator: Terminator | undefined;
}

/** The pieces of a program, in an order in which those before come first, but for the ways back in loops. */
export interface Pieces {
  readonly pieces: readonly Piece[];
  /** Where a block begins, by its index; undefined where no way leads there. */
  readonly starts: readonly (number | undefined)[];
  /** Whether more than one piece uses a temporary; it then outlives the code of a piece. */
  readonly isShared: Uint8Array;
}

/** Cuts a program into pieces. */
export function cutIntoPieces(program: IrProgram): Pieces {
  const pieces: Piece[] = [];
  const starts: (number | undefined)[] = [];
  for (const index of forwardOrder(program)) {
    const { instructions, terminator } = program.blocks[index]!;
    starts[index] = pieces.length;
    let at = 0;
    for (; at + INSTRUCTIONS_A_PIECE < instructions.length; at += INSTRUCTIONS_A_PIECE)
      pieces.push({ instructions: instructions.slice(at, at + INSTRUCTIONS_A_PIECE), terminator: undefined });
    pieces.push({ instructions: instructions.slice(at), terminator });
  }
  return { pieces, starts, isShared: sharedTemps(pieces, program.tempCount) };
}

function sharedTemps(pieces: readonly Piece[], tempCount: number): Uint8Array {
  const isShared = new Uint8Array(tempCount);
  const user = new Int32Array(tempCount).fill(-1);
  for (const [index, piece] of pieces.entries())
    eachAccess(piece, temp => {
      if (user[temp] !== -1 && user[temp] !== index) isShared[temp] = 1;
      user[temp] = index;
    });
  return isShared;
}

/** Calls `visit` for every use of a temporary; the terminator counts as one instruction more. */
export function eachAccess(
  { instructions, terminator }: Piece,
  visit: (temp: Temp, index: number) => void,
): void {
  for (const [index, instruction] of instructions.entries()) {
    const { reads, writes } = accessesOf(instruction);
    for (const temp of reads) visit(temp, index);
    for (const temp of writes) visit(temp, index);
  }
  if (!terminator) return;
  for (const temp of accessesOfTerminator(terminator).reads) visit(temp, instructions.length);
}

/** Locals of WebAssembly for the temporaries of one piece; each is given again when its temporary is done. */
export class PieceLocals {
  readonly #lastUse = new Map<Temp, number>();
  readonly #locals = new Map<Temp, number>();
  readonly #free: number[] = [];
  readonly #first: number;
  #count = 0;

  /** Locals count from `first` on. */
  constructor(piece: Piece, { isShared }: Pieces, first: number) {
    this.#first = first;
    eachAccess(piece, (temp, index) => {
      if (isShared[temp] === 0) this.#lastUse.set(temp, index);
    });
  }

  /** How many it takes. */
  get count(): number {
    return this.#count;
  }

  /** The local of a temporary; undefined where it outlives the piece. */
  of(temp: Temp): number | undefined {
    if (!this.#lastUse.has(temp)) return undefined;
    let local = this.#locals.get(temp);
    if (local === undefined) {
      local = this.#free.pop() ?? this.#first + this.#count++;
      this.#locals.set(temp, local);
    }
    return local;
  }

  /** Takes back the locals of `temps` whose last use was instruction `index`. */
  release(temps: readonly Temp[], index: number): void {
    for (const temp of temps) {
      const local = this.#locals.get(temp);
      if (local === undefined || this.#lastUse.get(temp) !== index) continue;
      this.#free.push(local);
      this.#locals.delete(temp);
    }
  }
}
