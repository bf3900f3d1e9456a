import type {
  Block,
  BlockIndex,
  Instruction,
  IrOperator,
  IrProgram,
  LocalOffset,
  Temp,
  Terminator,
} from './ir.ts';

interface OpenBlock {
  readonly instructions: Instruction[];
  terminator: Terminator | undefined;
}

/** Collects blocks and temporaries of one program. */
export class IrBuilder {
  readonly #blocks: OpenBlock[] = [{ instructions: [], terminator: undefined }];
  readonly #data: number[] = [];
  #current: BlockIndex = 0;
  #temps = 0;

  /** A temporary that nothing has written yet. */
  temp(): Temp {
    return this.#temps++;
  }

  /** The block that takes instructions. */
  get current(): BlockIndex {
    return this.#current;
  }

  /** Whether the current block still takes instructions. */
  get isOpen(): boolean {
    return this.#blocks[this.#current]!.terminator === undefined;
  }

  /** A new, empty block; `enter` goes there. */
  block(): BlockIndex {
    return this.#blocks.push({ instructions: [], terminator: undefined }) - 1;
  }

  /** What is emitted from now on belongs to `block`. */
  enter(block: BlockIndex): void {
    this.#current = block;
  }

  /** Appends an instruction. */
  emit(instruction: Instruction): void {
    this.#blocks[this.#current]!.instructions.push(instruction);
  }

  /** Ends the current block. */
  terminate(terminator: Terminator): void {
    this.#blocks[this.#current]!.terminator = terminator;
  }

  /** A temporary that holds `value`. */
  constant(value: bigint): Temp {
    const to = this.temp();
    this.emit({ op: 'const', to, value: BigInt.asUintN(64, value) });
    return to;
  }

  /** A temporary that holds the address of own memory. */
  local(offset: LocalOffset): Temp {
    const to = this.temp();
    this.emit({ op: 'local', to, offset });
    return to;
  }

  /** A temporary that holds 8 bytes of own memory. */
  load(offset: LocalOffset): Temp {
    const to = this.temp();
    this.emit({ op: 'load', to, offset, bytes: 8 });
    return to;
  }

  /** Writes 8 bytes of own memory. */
  store(offset: LocalOffset, from: Temp): void {
    this.emit({ op: 'store', offset, from, bytes: 8 });
  }

  /** A temporary that holds `left operator right`. */
  binary(operator: IrOperator, left: Temp, right: Temp): Temp {
    const to = this.temp();
    this.emit({ op: 'binary', operator, to, left, right });
    return to;
  }

  /** Goes to `then` where `condition` is not 0, and on with it. */
  branchInto(condition: Temp, then: BlockIndex, otherwise: BlockIndex): void {
    this.terminate({ op: 'branch', condition, then, otherwise });
    this.enter(then);
  }

  /** Goes on with `target`, where the current block has no other end. */
  jumpInto(target: BlockIndex): void {
    if (this.isOpen) this.terminate({ op: 'jump', target });
    this.enter(target);
  }

  /** Offset of `bytes`, kept with a NUL behind them in the constant data. */
  string(bytes: Uint8Array): number {
    const offset = this.#data.length;
    for (const byte of bytes) this.#data.push(byte);
    this.#data.push(0);
    return offset;
  }

  /** The finished program, but for what the caller knows. */
  finish<Rest>(rest: Rest): Pick<IrProgram, 'blocks' | 'tempCount' | 'data'> & Rest {
    const blocks = this.#blocks.map(({ instructions, terminator }, index): Block => {
      if (!terminator) throw new Error(`block ${index} has no end`);
      return { instructions, terminator };
    });
    return { blocks, tempCount: this.#temps, data: Uint8Array.from(this.#data), ...rest };
  }
}
