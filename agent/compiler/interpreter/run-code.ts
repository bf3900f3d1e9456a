import type { TaskTree } from '../check/index.ts';
import { RESULT_HEADER, RESULT_HEADER_BYTES, StretchSlots } from '../codegen/index.ts';
import {
  accessesOf,
  type BlockIndex,
  END,
  type End,
  type Instruction,
  type IrProgram,
  type Temp,
  type Terminator,
} from '../ir/index.ts';
import { costOf } from './cost.ts';
import { OWN_ADDRESS } from './machine.ts';
import { cutIntoPieces, type Piece, type Pieces } from './pieces.ts';
import { body, FUNCTION, fetch, GLOBAL, LOADS, READS, STORES } from './support-code.ts';
import { NO_VALUE, WASM, WASM_TYPE, WasmCode } from './wasm-code.ts';
import type { WasmLayout } from './wasm-layout.ts';
import { COMPARISONS, OPERATORS, SIGN_EXTENSIONS } from './wasm-operators.ts';

type Of<K extends Instruction['op']> = Extract<Instruction, { op: K }>;

/** What the code costs at most between two looks at what is left, in steps; less than it is given at once. */
const COST_LIMIT = 4096;

/** Locals of RUN: where it goes on, an i32 and two i64 for itself, then those of the temporaries. */
const [NEXT, SMALL, ADDRESS, TASK, FIRST_TEMP] = [0, 1, 2, 3, 4];

/** The function that runs a program, and what it refers to. */
export interface RunCode {
  readonly body: Uint8Array;
  /** What it starts with as its argument. */
  readonly start: number;
  /** What the third argument of {@link FUNCTION.NEXT_PID} counts in. */
  readonly trees: readonly TaskTree[];
}

/**
 * The code of a program that only reads. It is one function: a loop around a table of all pieces, in which
 * the ways on are direct, and the ways back go through the table. Every piece begins with a look at what is
 * left, and can be entered again there: what lives longer is in memory.
 */
export function runCode(program: IrProgram, layout: WasmLayout): RunCode {
  return new Run(program, layout).emit();
}

class Run {
  readonly #program: IrProgram;
  readonly #layout: WasmLayout;
  readonly #pieces: Pieces;
  readonly #code = new WasmCode();
  readonly #trees: TaskTree[] = [];
  #at = 0;
  #locals!: StretchSlots;

  constructor(program: IrProgram, layout: WasmLayout) {
    this.#program = program;
    this.#layout = layout;
    this.#pieces = cutIntoPieces(program);
  }

  emit(): RunCode {
    const { pieces, starts } = this.#pieces;
    const code = this.#code;
    code.put(WASM.LOOP, NO_VALUE);
    for (let left = pieces.length; left > 0; left--) code.put(WASM.BLOCK, NO_VALUE);
    code
      .indexed(WASM.GET, NEXT)
      .put(WASM.BR_TABLE)
      .count(pieces.length - 1);
    for (let index = 0; index < pieces.length; index++) code.count(index);
    let locals = 0;
    for (const [index, piece] of pieces.entries()) {
      code.put(WASM.END);
      this.#at = index;
      this.#locals = new StretchSlots(piece, this.#pieces.isShared, FIRST_TEMP);
      this.#piece(piece);
      locals = Math.max(locals, this.#locals.count);
    }
    code.put(WASM.END, WASM.UNREACHABLE);
    const types = [WASM_TYPE.I32, WASM_TYPE.I64, WASM_TYPE.I64, ...Array<number>(locals).fill(WASM_TYPE.I64)];
    return { body: body(types, code), start: starts[0]!, trees: this.#trees };
  }

  #piece({ instructions, terminator }: Piece): void {
    const code = this.#code;
    const cost = Math.ceil(instructions.reduce((sum, each) => sum + costOf(each), 1));
    code.indexed(WASM.GLOBAL_GET, GLOBAL.LEFT).i32(Math.min(cost, COST_LIMIT)).put(WASM.I32_SUB);
    code.indexed(WASM.GLOBAL_SET, GLOBAL.LEFT);
    code.indexed(WASM.GLOBAL_GET, GLOBAL.LEFT).i32(0).put(WASM.I32_LT_S, WASM.IF, NO_VALUE);
    code.i32(this.#at).put(WASM.RETURN, WASM.END);
    for (const [index, instruction] of instructions.entries()) {
      this.#instruction(instruction);
      const { reads, writes } = accessesOf(instruction);
      this.#locals.release(reads, index);
      this.#locals.release(writes, index);
    }
    if (terminator) this.#terminator(terminator);
  }

  #get(temp: Temp): WasmCode {
    const local = this.#locals.of(temp);
    if (local !== undefined) return this.#code.indexed(WASM.GET, local);
    return this.#code.i32(0).memory(WASM.I64_LOAD, this.#layout.temps + temp * 8);
  }

  /** Sets a temporary to what `push` leaves on the stack. */
  #set(temp: Temp, push: () => void): void {
    const local = this.#locals.of(temp);
    if (local === undefined) this.#code.i32(0);
    push();
    if (local !== undefined) this.#code.indexed(WASM.SET, local);
    else this.#code.memory(WASM.I64_STORE, this.#layout.temps + temp * 8);
  }

  #instruction(instruction: Instruction): void {
    const code = this.#code;
    const { own, area } = this.#layout;
    switch (instruction.op) {
      case 'const':
        return this.#set(instruction.to, () => code.i64(instruction.value));
      case 'data':
        return this.#ownAddress(instruction.to, this.#program.localBytes + instruction.offset);
      case 'local':
        return this.#ownAddress(instruction.to, instruction.offset);
      case 'copy':
        return this.#set(instruction.to, () => this.#get(instruction.from));
      case 'binary':
        return this.#binary(instruction);
      case 'extend':
        return this.#extend(instruction);
      case 'load':
        return this.#set(instruction.to, () =>
          code.i32(0).memory(LOADS[instruction.bytes], own + instruction.offset),
        );
      case 'store':
        code.i32(0);
        this.#get(instruction.from).memory(STORES[instruction.bytes], own + instruction.offset);
        return;
      case 'move':
        code.i32(own + instruction.to).i32(own + instruction.from);
        return void code.i32(instruction.bytes).copyMemory();
      case 'zero':
        code.i32(own + instruction.offset).i32(0);
        return void code.i32(instruction.bytes).fillMemory();
      case 'read':
        return this.#read(instruction);
      case 'read-block':
        return this.#readBlock(instruction);
      case 'read-string':
        this.#get(instruction.address).i32(instruction.to).i32(instruction.bytes);
        return void code.indexed(WASM.CALL, FUNCTION.READ_STRING);
      case 'symbol-name':
        return this.#symbolName(instruction);
      case 'next-task':
        return this.#nextTask(instruction);
      case 'exchange':
        return this.#exchange(instruction);
      case 'result':
        code.i32(0);
        this.#get(instruction.from);
        return void code.memory(WASM.I64_STORE, area + RESULT_HEADER_BYTES + instruction.offset);
      case 'result-block':
        code.i32(area + RESULT_HEADER_BYTES).i32(own + instruction.from);
        return void code.i32(instruction.bytes).copyMemory();
      case 'row':
        code.i32(instruction.reportIndex).i32(instruction.from).i32(instruction.bytes);
        return void code.indexed(WASM.CALL, FUNCTION.ROW);
      case 'fuel':
        return this.#fuel(instruction);
      case 'write':
        return this.#writeOwn(instruction);
      default:
        // Threat: a read that does more. Nothing in the code could do it, either.
        throw new Error(`a program that only reads has a ${instruction.op}`);
    }
  }

  #ownAddress(to: Temp, offset: number): void {
    this.#set(to, () => this.#code.i64(OWN_ADDRESS + BigInt(offset)));
  }

  #binary({ operator, to, left, right }: Of<'binary'>): void {
    if (operator === 'sdiv') return this.#divideSigned(to, left, right);
    this.#set(to, () => {
      this.#get(left);
      this.#get(right).put(OPERATORS[operator]);
      if (COMPARISONS.has(operator)) this.#code.put(WASM.I64_EXTEND_I32_U);
    });
  }

  /** The least number divided by -1 would be a trap; as in machine code for a kernel it wraps. */
  #divideSigned(to: Temp, left: Temp, right: Temp): void {
    this.#set(to, () => {
      this.#get(right).i64(-1n).put(WASM.I64_EQ, WASM.IF, WASM_TYPE.I64).i64(0n);
      this.#get(left).put(WASM.I64_SUB, WASM.ELSE);
      this.#get(left);
      this.#get(right).put(WASM.I64_DIV_S, WASM.END);
    });
  }

  #extend({ to, from, bits, signed }: Of<'extend'>): void {
    this.#set(to, () => {
      this.#get(from);
      if (signed) this.#code.put(SIGN_EXTENSIONS[bits]);
      else this.#code.i64((1n << BigInt(bits)) - 1n).put(WASM.I64_AND);
    });
  }

  #read({ to, address, bytes, sourceOffset }: Of<'read'>): void {
    // What is read may go where the address was.
    this.#get(address).indexed(WASM.SET, ADDRESS);
    this.#set(to, () => this.#code.indexed(WASM.GET, ADDRESS).indexed(WASM.CALL, READS[bytes]));
    this.#code.indexed(WASM.GLOBAL_GET, GLOBAL.FAULT).put(WASM.IF, NO_VALUE);
    this.#code.i32(0).indexed(WASM.GLOBAL_SET, GLOBAL.FAULT);
    this.#stop(END.FAULTED, sourceOffset, { within: 1, hasAddress: true });
    this.#code.put(WASM.END);
  }

  #readBlock({ to, address, bytes, sourceOffset }: Of<'read-block'>): void {
    const code = this.#code;
    this.#get(address).indexed(WASM.SET, ADDRESS);
    fetch(code, ADDRESS, () => code.i32(bytes).i32(this.#layout.own + to));
    code.put(WASM.I32_EQZ, WASM.IF, NO_VALUE);
    this.#stop(END.FAULTED, sourceOffset, { within: 1, hasAddress: true });
    code.put(WASM.END);
  }

  #symbolName({ to, address, bytes }: Of<'symbol-name'>): void {
    this.#get(address).put(WASM.I32_WRAP_I64);
    this.#get(address).i64(32n).put(WASM.I64_SHR_U, WASM.I32_WRAP_I64);
    this.#code
      .i32(bytes)
      .i32(this.#layout.own + to)
      .indexed(WASM.CALL, FUNCTION.SYMBOL_NAME)
      .put(WASM.DROP);
  }

  /** What changes faster than it can be read has nothing to show: the program faults where the tree is. */
  #nextTask({ to, number, least, tree, sourceOffset }: Of<'next-task'>): void {
    const code = this.#code;
    const { scratch } = this.#layout;
    if (!this.#trees.includes(tree)) this.#trees.push(tree);
    this.#get(least).put(WASM.I32_WRAP_I64);
    this.#get(least).i64(32n).put(WASM.I64_SHR_U, WASM.I32_WRAP_I64);
    code.i32(this.#trees.indexOf(tree)).indexed(WASM.CALL, FUNCTION.NEXT_PID);
    code.put(WASM.I32_EQZ, WASM.IF, NO_VALUE).i64(tree.head).indexed(WASM.SET, ADDRESS);
    this.#stop(END.FAULTED, sourceOffset, { within: 1, hasAddress: true });
    code.put(WASM.END);
    code.i32(0).memory(WASM.I64_LOAD, scratch).indexed(WASM.SET, ADDRESS);
    this.#set(number, () => code.i32(0).memory(WASM.I64_LOAD, scratch + 8));
    this.#set(to, () => this.#taskOf(tree));
    // What was not there was read as 0.
    code.i32(0).indexed(WASM.GLOBAL_SET, GLOBAL.FAULT);
  }

  /**
   * As `taskOf` of next-task.ts: the task of the struct pid in ADDRESS, whose number is in the scratch; or 0.
   */
  #taskOf({ numberOffset, firstOffset, linkOffset, pidOffset }: TaskTree): void {
    const code = this.#code;
    const readAt = (local: number, offset: number, read: number): WasmCode =>
      code.indexed(WASM.GET, local).i64(BigInt(offset)).put(WASM.I64_ADD).indexed(WASM.CALL, read);
    const zeroIf = (): WasmCode => code.put(WASM.IF, WASM_TYPE.I64).i64(0n).put(WASM.ELSE);
    code.indexed(WASM.GET, ADDRESS).put(WASM.I64_EQZ);
    zeroIf();
    readAt(ADDRESS, numberOffset, FUNCTION.READ_4);
    code
      .i32(0)
      .memory(WASM.I64_LOAD, this.#layout.scratch + 8)
      .put(WASM.I64_NE);
    zeroIf();
    readAt(ADDRESS, firstOffset, FUNCTION.READ_8).indexed(WASM.TEE, TASK).put(WASM.I64_EQZ);
    zeroIf();
    code.indexed(WASM.GET, TASK).i64(BigInt(linkOffset)).put(WASM.I64_SUB).indexed(WASM.SET, TASK);
    readAt(TASK, pidOffset, FUNCTION.READ_8).indexed(WASM.GET, ADDRESS).put(WASM.I64_NE);
    zeroIf().indexed(WASM.GET, TASK).put(WASM.END, WASM.END, WASM.END, WASM.END);
  }

  /**
   * Threat: a read that does more. What was not found to be the program's own is not compiled; the function
   * that is called traps where the address is not, which the IR has seen to as well.
   */
  #writeOwn({ address, from, bytes, isOwn }: Of<'write'>): void {
    if (!isOwn) throw new Error('a program that only reads has a write');
    this.#get(address).i32(bytes).indexed(WASM.CALL, FUNCTION.OWN);
    this.#get(from).memory(STORES[bytes], 0);
  }

  /** An exchange within the program's own memory, where nobody else is; anywhere else it would be no read. */
  #exchange({ to, address, expected, desired, bytes }: Of<'exchange'>): void {
    const code = this.#code;
    this.#get(address).i32(bytes).indexed(WASM.CALL, FUNCTION.OWN).indexed(WASM.SET, SMALL);
    this.#set(to, () => {
      code.indexed(WASM.GET, SMALL).memory(LOADS[bytes], 0);
      this.#get(expected);
      if (bytes < 8) code.i64((1n << BigInt(bytes * 8)) - 1n).put(WASM.I64_AND);
      code.put(WASM.I64_EQ, WASM.I64_EXTEND_I32_U);
    });
    this.#get(to).put(WASM.I64_EQZ, WASM.I32_EQZ, WASM.IF, NO_VALUE);
    code.indexed(WASM.GET, SMALL);
    this.#get(desired).memory(STORES[bytes], 0).put(WASM.END);
  }

  #fuel({ sourceOffset }: Of<'fuel'>): void {
    const code = this.#code;
    code.indexed(WASM.GLOBAL_GET, GLOBAL.FUEL).i64(1n).put(WASM.I64_SUB);
    code.indexed(WASM.GLOBAL_SET, GLOBAL.FUEL).indexed(WASM.GLOBAL_GET, GLOBAL.FUEL);
    code.put(WASM.I64_EQZ, WASM.IF, NO_VALUE);
    this.#stop(END.OUT_OF_FUEL, sourceOffset, { within: 1, hasAddress: false });
    code.put(WASM.END);
  }

  /** Notes how the program ends, and goes to the clean-up that comes before that, if there is one. */
  #stop(
    end: End,
    sourceOffset: number,
    { within, hasAddress }: { readonly within: number; readonly hasAddress: boolean },
  ): void {
    const code = this.#code;
    const { area } = this.#layout;
    if (hasAddress)
      code
        .i32(0)
        .indexed(WASM.GET, ADDRESS)
        .memory(WASM.I64_STORE, area + RESULT_HEADER.FAULT);
    code
      .i32(0)
      .i64(BigInt(sourceOffset))
      .memory(WASM.I64_STORE, area + RESULT_HEADER.SOURCE_OFFSET);
    code
      .i32(0)
      .i64(BigInt(end))
      .memory(WASM.I64_STORE, area + RESULT_HEADER.END);
    const { cleanup } = this.#program;
    if (cleanup === undefined) code.i32(-1).put(WASM.RETURN);
    else this.#jump(cleanup, within);
  }

  #terminator(terminator: Terminator): void {
    switch (terminator.op) {
      case 'jump':
        return this.#jump(terminator.target, 0);
      case 'branch':
        return this.#branch(terminator);
      case 'end':
        return this.#stop(terminator.end, terminator.sourceOffset, { within: 0, hasAddress: false });
      case 'fault':
        this.#get(terminator.address).indexed(WASM.SET, ADDRESS);
        return this.#stop(END.FAULTED, terminator.sourceOffset, { within: 0, hasAddress: true });
      case 'leave':
        return void this.#code.i32(-1).put(WASM.RETURN);
    }
  }

  #branch({ condition, then, otherwise }: Extract<Terminator, { op: 'branch' }>): void {
    const code = this.#code;
    this.#get(condition).put(WASM.I64_EQZ);
    const target = this.#pieces.starts[otherwise]!;
    if (target > this.#at) code.indexed(WASM.BR_IF, target - this.#at - 1);
    else {
      code.put(WASM.IF, NO_VALUE);
      this.#jump(otherwise, 1);
      code.put(WASM.END);
    }
    this.#jump(then, 0);
  }

  /** Goes to a block, from within so many blocks of WebAssembly that the piece has opened itself. */
  #jump(block: BlockIndex, within: number): void {
    const code = this.#code;
    const target = this.#pieces.starts[block]!;
    if (target === this.#at + 1 && within === 0) return;
    if (target > this.#at) return void code.indexed(WASM.BR, target - this.#at - 1 + within);
    code.i32(target).indexed(WASM.SET, NEXT);
    code.indexed(WASM.BR, this.#pieces.pieces.length - 1 - this.#at + within);
  }
}
