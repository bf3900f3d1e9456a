import { type Stretch, sharedTemps } from '../codegen/index.ts';
import { forwardOrder, type IrProgram } from '../ir/index.ts';

/** Instructions between two looks at the clock: each may read a page. */
const INSTRUCTIONS_A_PIECE = 128;

/** A block, or a part of a long one, whose code can be entered. Without a terminator, the next goes on. */
export type Piece = Stretch;

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
