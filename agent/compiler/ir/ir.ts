/** A virtual temporary: a 64-bit value. Values of narrower types are kept extended by their sign or with zeros. */
export type Temp = number;

/** Index of a block in its function. */
export type BlockIndex = number;

/** Operators on two whole 64-bit values. Comparisons give 0 or 1; shifts take their count modulo 64. */
export type IrOperator =
  | 'add'
  | 'sub'
  | 'mul'
  | 'sdiv'
  | 'udiv'
  | 'srem'
  | 'urem'
  | 'and'
  | 'or'
  | 'xor'
  | 'shl'
  | 'sar'
  | 'shr'
  | 'eq'
  | 'ne'
  | 'slt'
  | 'sle'
  | 'ult'
  | 'ule';

/** How a program can end, as the first word of the result area says. 0 there means that the end was never reached. */
export const END = {
  RETURNED: 1,
  DIVIDED_BY_ZERO: 2,
} as const;

/** One of {@link END}. */
export type End = (typeof END)[keyof typeof END];

/** One step. Back ends translate each with an exhaustive switch: a new one must be added to every back end. */
export type Instruction =
  | { readonly op: 'const'; readonly to: Temp; readonly value: bigint }
  /** Address of a byte of the module's constant data. */
  | { readonly op: 'data'; readonly to: Temp; readonly offset: number }
  | { readonly op: 'copy'; readonly to: Temp; readonly from: Temp }
  | {
      readonly op: 'binary';
      readonly operator: IrOperator;
      readonly to: Temp;
      readonly left: Temp;
      readonly right: Temp;
    }
  /** Takes the low `bits` of `from` and extends them to 64. */
  | {
      readonly op: 'extend';
      readonly to: Temp;
      readonly from: Temp;
      readonly bits: 8 | 16 | 32;
      readonly signed: boolean;
    }
  /** Calls a kernel function; arguments are scalars. The upper bits of `to` are undefined below the result's size. */
  | {
      readonly op: 'call';
      readonly to: Temp | undefined;
      readonly target: CallTarget;
      readonly args: readonly Temp[];
    }
  /** Writes a temporary to the result area, `offset` bytes behind its header. */
  | { readonly op: 'result'; readonly offset: number; readonly from: Temp };

/** A kernel function by address; the name is for listings and for the module's symbol table. */
export interface CallTarget {
  readonly name: string;
  readonly address: bigint;
}

/** How a block ends. */
export type Terminator =
  | { readonly op: 'jump'; readonly target: BlockIndex }
  /** To `then` where `condition` is not 0. */
  | {
      readonly op: 'branch';
      readonly condition: Temp;
      readonly then: BlockIndex;
      readonly otherwise: BlockIndex;
    }
  /** Ends the program; `place` is the offset in the program text that is to blame, where there is one. */
  | { readonly op: 'end'; readonly end: End; readonly place: number };

/** A straight run of instructions. */
export interface Block {
  readonly instructions: readonly Instruction[];
  readonly terminator: Terminator;
}

/** A program, ready for a back end. It starts in block 0. */
export interface IrProgram {
  readonly blocks: readonly Block[];
  readonly tempCount: number;
  /** Strings; `data` instructions point into it. */
  readonly data: Uint8Array;
  /** Bytes that the program writes behind the header of the result area. */
  readonly resultBytes: number;
}
