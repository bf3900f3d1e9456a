import type { TaskTree } from '../../check/index.ts';
import type { CType, FunctionType } from '../../ctype/index.ts';

/**
 * A virtual temporary: a 64-bit value. Values of narrower types are kept extended by their sign or with
 * zeros.
 */
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

/**
 * How a program can end, as the first word of the result area says. 0 there means that the end was never
 * reached.
 */
export const END = {
  RETURNED: 1,
  DIVIDED_BY_ZERO: 2,
  /** `require` said no, or `find_task` found none. */
  SKIPPED: 3,
  /** A read or write of kernel memory found none; the result area has the address. */
  FAULTED: 4,
  OUT_OF_FUEL: 5,
  /** It came to its end without a `return`, though another way out has a value. */
  FINISHED: 6,
  /**
   * A pointer held no function that the program may call; the result area has the pointer. The program had
   * called and written nothing before.
   */
  REFUSED: 7,
  /** The same, but the program may have called or written something before. */
  REFUSED_LATE: 8,
} as const;

/** One of {@link END}. */
export type End = (typeof END)[keyof typeof END];

/** Offset in the program's own memory, where its variables are. It is zeroed before the program starts. */
export type LocalOffset = number;

/** Sizes of a single read or write. */
export type ScalarBytes = 1 | 2 | 4 | 8;

/** A structure or union in the program's own memory, as an argument or result. */
export interface BlockValue {
  readonly offset: LocalOffset;
  readonly bytes: number;
  readonly alignment: number;
  /** Packed, so that calling conventions treat it as memory. */
  readonly unaligned: boolean;
}

/**
 * One step. Back ends translate each with an exhaustive switch: a new one must be added to every back end.
 */
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
  /** Address of a byte of the program's own memory. */
  | { readonly op: 'local'; readonly to: Temp; readonly offset: LocalOffset }
  /** Reads own memory, extended with zeros. */
  | { readonly op: 'load'; readonly to: Temp; readonly offset: LocalOffset; readonly bytes: ScalarBytes }
  | { readonly op: 'store'; readonly offset: LocalOffset; readonly from: Temp; readonly bytes: ScalarBytes }
  /** Copies within own memory; the two may be the same, but not overlap otherwise. */
  | {
      readonly op: 'move';
      readonly to: LocalOffset;
      readonly from: LocalOffset;
      readonly bytes: number;
    }
  | { readonly op: 'zero'; readonly offset: LocalOffset; readonly bytes: number }
  /** Reads memory at any address, extended with zeros; where there is none the program ends as FAULTED. */
  | {
      readonly op: 'read';
      readonly to: Temp;
      readonly address: Temp;
      readonly bytes: ScalarBytes;
      readonly sourceOffset: number;
    }
  | {
      readonly op: 'write';
      readonly address: Temp;
      readonly from: Temp;
      readonly bytes: ScalarBytes;
      /** Whether the address was found to be in a variable of the program: a read may do that, too. */
      readonly isOwn: boolean;
      readonly sourceOffset: number;
    }
  | {
      readonly op: 'read-block';
      readonly to: LocalOffset;
      readonly address: Temp;
      readonly bytes: number;
      readonly sourceOffset: number;
    }
  | {
      readonly op: 'write-block';
      readonly address: Temp;
      readonly from: LocalOffset;
      readonly bytes: number;
      readonly sourceOffset: number;
    }
  /**
   * Copies a string of at most `bytes`, NUL included, to own memory behind its length or error (s64). Never
   * faults.
   */
  | { readonly op: 'read-string'; readonly to: LocalOffset; readonly address: Temp; readonly bytes: number }
  /**
   * Writes the name of the symbol that contains an address to own memory, as text. For the interpreter only:
   * machine code calls the kernel.
   */
  | { readonly op: 'symbol-name'; readonly to: LocalOffset; readonly address: Temp; readonly bytes: number }
  /**
   * Atomically stores `desired` where `expected` still is; `to` says whether. The address must be aligned.
   */
  | {
      readonly op: 'exchange';
      readonly to: Temp;
      readonly address: Temp;
      readonly expected: Temp;
      readonly desired: Temp;
      readonly bytes: ScalarBytes;
      readonly sourceOffset: number;
    }
  /**
   * Calls a kernel function, or what a temporary points to. The upper bits of `to` are undefined below the
   * result's size; a structure comes to `block`.
   */
  | {
      readonly op: 'call';
      readonly to: Temp | undefined;
      readonly block: BlockValue | undefined;
      readonly target: CallTarget | Temp;
      /** Tests the pointer right before the call, in the register that is then called; none for a name. */
      readonly check: CheckIndex | undefined;
      readonly args: readonly (Temp | BlockValue)[];
      /** Whether the program itself calls; false for what farcall adds, such as taking a reference. */
      readonly ofProgram: boolean;
    }
  /** Tests a pointer to a function that the call behind it passes on. */
  | { readonly op: 'check-pointer'; readonly value: Temp; readonly check: CheckIndex }
  /**
   * Finds the task with the least number from `least` on, by reading alone: `number` is 0 where there is
   * none, and `to` is 0 where that task is ending. For the interpreter only: machine code calls the kernel,
   * and holds the task.
   */
  | {
      readonly op: 'next-task';
      readonly to: Temp;
      readonly number: Temp;
      readonly least: Temp;
      readonly tree: TaskTree;
      readonly sourceOffset: number;
    }
  /** Writes a temporary to the result area, `offset` bytes behind its header. */
  | { readonly op: 'result'; readonly offset: number; readonly from: Temp }
  /** Copies own memory to the result area, right behind its header. */
  | { readonly op: 'result-block'; readonly from: LocalOffset; readonly bytes: number }
  /** Appends a row to the result area, or counts it as dropped. */
  | { readonly op: 'row'; readonly reportIndex: number; readonly from: LocalOffset; readonly bytes: number }
  /** Ends the program as OUT_OF_FUEL once this has been run so often in all as the program has fuel. */
  | { readonly op: 'fuel'; readonly sourceOffset: number }
  /** The watch or the deny of a function, for plans: what it leaves in own memory is not known. */
  | {
      readonly op: 'watch';
      readonly kind: 'watch' | 'deny';
      readonly name: string;
      readonly text: string;
      readonly changes: readonly (readonly [offset: LocalOffset, bytes: number])[];
      readonly sourceOffset: number;
    }
  | HandlerInstruction;

/** Instructions of watches: of their handlers, and of the program that waits for them. */
export type HandlerInstruction =
  /** The address of a handler's code. */
  | { readonly op: 'handler'; readonly to: Temp; readonly handler: number }
  /** In a handler: the address of a byte of the program's own memory, which all its runs share. */
  | { readonly op: 'shared'; readonly to: Temp; readonly offset: LocalOffset }
  /** An address in the result area, or how many bytes that has. */
  | { readonly op: 'area'; readonly to: Temp; readonly what: 'start' | 'used' | 'dropped' | 'size' }
  /** Reads or writes memory that is known to be there. */
  | { readonly op: 'load-at'; readonly to: Temp; readonly address: Temp; readonly bytes: ScalarBytes }
  | { readonly op: 'store-at'; readonly address: Temp; readonly from: Temp; readonly bytes: ScalarBytes }
  /** Adds atomically to the 8 bytes at an address that is known to be there; `to` is what is there then. */
  | { readonly op: 'add-at'; readonly to: Temp; readonly address: Temp; readonly value: Temp }
  /** Stores the first parameters of the function that is entered, 8 bytes for a scalar. */
  | {
      readonly op: 'parameters';
      readonly params: readonly (LocalOffset | BlockValue)[];
      /** What the function returns, where that is a structure: its address may travel in a register. */
      readonly result: BlockValue | undefined;
    }
  /** In a handler at a return: what the function returned, as it comes. */
  | { readonly op: 'returned'; readonly to: Temp }
  /** The address of what the kernel has for one call of the function until it returns. */
  | { readonly op: 'instance'; readonly to: Temp }
  /** The address of the registers with which the function was entered, or returned. */
  | { readonly op: 'registers'; readonly to: Temp }
  /** What the kernel gives a handler of modules: the module. */
  | { readonly op: 'third'; readonly to: Temp }
  /** The task that runs; `perCpu` as in the typed tree. */
  | { readonly op: 'current'; readonly to: Temp; readonly perCpu: bigint | undefined }
  /**
   * In a handler at an entry: the function returns the value at once. `returnAt` is a function of the kernel
   * that only returns, for CPUs that have the address to return to on the stack.
   */
  | { readonly op: 'divert'; readonly value: Temp; readonly returnAt: bigint | undefined };

/** What the kernel calls when a watched function is entered or returns; it may run on all CPUs at once. */
export type HandlerProgram = Pick<
  IrProgram,
  'blocks' | 'tempCount' | 'fuel' | 'data' | 'localBytes' | 'cleanup' | 'pointerChecks' | 'callNext' | 'exits'
> & {
  /** Whose handler it is: a kprobe's or a kretprobe's. Their types differ, and kCFI tells them apart. */
  readonly kind: 'entry' | 'return';
};

/** Index of a {@link PointerCheck} in its program. */
export type CheckIndex = number;

/**
 * The test of a pointer to a function before it is called, or passed to a function that may call it. The
 * program ends where the pointer holds none of `permitted`.
 *
 * Threat: the host's policy counts functions by name, and a pointer has none before the program runs. So
 * every call through a pointer has a check; `verifyIr` and the back ends refuse a program in which one has
 * not.
 */
export interface PointerCheck {
  readonly prototype: FunctionType;
  /** Entry addresses of the functions that the pointer may hold, ascending, each once. */
  readonly permitted: readonly CallTarget[];
  /** Whether the pointer can only be functions that the program names. The host's policy then knows them. */
  readonly isNamed: boolean;
  /** Whether 0 passes: for a pointer that is passed on. */
  readonly mayBeNull: boolean;
  readonly end: typeof END.REFUSED | typeof END.REFUSED_LATE;
  readonly sourceOffset: number;
}

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
  /**
   * Ends the program; `sourceOffset` is the offset in the program text that caused it, if there is one, and
   * `detail` a number that the message needs.
   */
  | { readonly op: 'end'; readonly end: End; readonly sourceOffset: number; readonly detail?: Temp }
  /** Ends the program as FAULTED at the address. */
  | { readonly op: 'fault'; readonly address: Temp; readonly sourceOffset: number }
  /** Behind the clean-up: what ended the program stands. */
  | {
      readonly op: 'leave';
      /** In a handler: what is entered does not go on where it was. */
      readonly isDiverted?: boolean;
    };

/** A straight run of instructions. */
export interface Block {
  readonly instructions: readonly Instruction[];
  readonly terminator: Terminator;
}

/** Where a program writes to kernel memory. */
export interface WriteSite {
  readonly type: CType;
  readonly bytes: ScalarBytes;
  /** Whether the value is a unit of memory around a bit field. */
  readonly isUnit: boolean;
  readonly at: number;
}

/** A program, ready for a back end or an interpreter. It starts in block 0. */
export interface IrProgram {
  readonly blocks: readonly Block[];
  readonly tempCount: number;
  /** Turns that loops may make in all. */
  readonly fuel: number;
  /** Strings; `data` instructions point into it. */
  readonly data: Uint8Array;
  /** Size of the program's own memory. */
  readonly localBytes: number;
  /** Bytes that the value of the program takes behind the header of the result area. */
  readonly resultBytes: number;
  /** Room for rows behind the value. */
  readonly rowsBytes: number;
  /** Where it records writes to kernel memory, as rows behind those of `report`. */
  readonly writes?: readonly WriteSite[];
  /** Whether it has writes that it does not record: of large structures, and in bodies of watches. */
  readonly hasUnrecorded?: boolean;
  /** Every end goes through this block, which gives back what is held; it ends in `leave`. */
  readonly cleanup: BlockIndex | undefined;
  /** Blocks that jump into a function of the program, and where each goes on when that comes back. */
  readonly callNext: ReadonlyMap<BlockIndex, BlockIndex>;
  /** The blocks from which such functions go back. */
  readonly exits: ReadonlySet<BlockIndex>;
  /** What `check` of an instruction counts in. */
  readonly pointerChecks: readonly PointerCheck[];
  /** What `handler` instructions count in. */
  readonly handlers: readonly HandlerProgram[];
  /** Where the module may stay in the kernel. */
  readonly resident?: ResidentPart | undefined;
}

/** What of a program may stay in the kernel when it has ended. */
export interface ResidentPart {
  /** Which handler the kernel calls when the module is unloaded. */
  readonly exit: number;
  /** Not 0 at the end of the program where the module stays. */
  readonly stays: LocalOffset;
  readonly denies: readonly ResidentDeny[];
}

/** Where the numbers of a deny are. */
export interface ResidentDeny {
  /** Where it stands in the program. */
  readonly sourceOffset: number;
  /** See `DENY_STATE`. */
  readonly state: LocalOffset;
  /** u64: entries of the function that the kernel did not bring to the probe. */
  readonly missed: LocalOffset;
}
