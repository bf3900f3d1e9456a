import { layoutData, RESULT_HEADER, RESULT_HEADER_BYTES, ROW_HEADER_BYTES } from '../codegen/index.ts';
import type { SymbolTable } from '../facts/index.ts';
import { END, type End, type Instruction, type IrProgram, type Terminator } from '../ir/index.ts';
import type { Memory } from './memory.ts';
import { nextTask } from './next-task.ts';
import { OPERATIONS } from './operators.ts';
import { writeSymbolName } from './symbol-name.ts';
import { Temps } from './temps.ts';

type Of<K extends Instruction['op']> = Extract<Instruction, { op: K }>;

/**
 * High half of the addresses of a program's own memory: no CPU has memory there, since the upper bits are
 * neither all 0 nor all 1, so that none of the kernel is hidden behind it.
 */
const OWN_HIGH = 0xfa11_0000;

/** Where a program's own memory begins. */
export const OWN_ADDRESS: bigint = BigInt(OWN_HIGH) << 32n;

/** The length of a string that cannot be read; callers do not ask which error it is. */
const EFAULT = -14n;

const PAGE_BYTES = 4096;

/** Why an instruction ended the program. */
export interface ProgramStop {
  readonly end: End;
  readonly sourceOffset: number;
  /** The address at fault. */
  readonly address?: bigint;
}

/** An instruction, ready to be taken; says so where it ends the program. */
export type Execute = () => ProgramStop | undefined;

/** What a program does to what is not its own; {@link Machine} itself only reads. */
export type SideEffect = Of<'call' | 'write' | 'write-block' | 'exchange'>;

/** Whether the instruction does something to what is not the program's own. */
export function hasSideEffect(instruction: Instruction): instruction is SideEffect {
  const { op } = instruction;
  return op === 'call' || op === 'write' || op === 'write-block' || op === 'exchange';
}

/**
 * One run of a program, instruction by instruction, for a plan: its temporaries, its own memory, its result
 * area. Every instruction does here what machine code does for it, byte by byte in the result area; only the
 * addresses of the program's own memory differ.
 */
export class Machine {
  readonly temps: Temps;
  /** The program's own memory, and its constant data right behind it, as in a module. */
  readonly own: Uint8Array;
  readonly memory: Memory;
  readonly #program: IrProgram;
  readonly #symbols: SymbolTable | undefined;
  readonly #ownView: DataView;
  readonly #area: Uint8Array;
  readonly #areaView: DataView;
  #fuel: number;

  /** Throws PROGRAM_TOO_LARGE where the results would not fit. */
  constructor(program: IrProgram, memory: Memory, symbols?: SymbolTable) {
    this.#program = program;
    this.#symbols = symbols;
    this.#fuel = program.fuel;
    this.memory = memory;
    this.temps = new Temps(program.tempCount);
    this.own = new Uint8Array(program.localBytes + program.data.length);
    this.own.set(program.data, program.localBytes);
    this.#ownView = new DataView(this.own.buffer);
    this.#area = new Uint8Array(layoutData(program).resultBytes);
    this.#areaView = new DataView(this.#area.buffer);
    this.#setWord(RESULT_HEADER.USED, BigInt(RESULT_HEADER_BYTES + program.resultBytes));
  }

  /** The result area, as a module would have copied it out. */
  get area(): Uint8Array {
    return this.#area.subarray(0, Number(this.#areaView.getBigUint64(RESULT_HEADER.USED, true)));
  }

  /** Offset in own memory of an address; undefined where it is none of ours. */
  programOffset(address: bigint): number | undefined {
    const offset = address - OWN_ADDRESS;
    return offset >= 0n && offset < BigInt(this.own.length) ? Number(offset) : undefined;
  }

  /** Copies from any address, own memory included; false where not all is there. */
  copy(address: bigint, to: Uint8Array, offset: number, bytes: number): boolean {
    const from = this.programOffset(address);
    if (from === undefined) return this.memory.copy(address, to, offset, bytes);
    if (from + bytes > this.own.length) return false;
    to.set(this.own.subarray(from, from + bytes), offset);
    return true;
  }

  /** Makes an instruction ready to be taken as often as it is reached; whatever can be known before is. */
  decode(instruction: Exclude<Instruction, SideEffect>): Execute {
    const { temps, own } = this;
    switch (instruction.op) {
      case 'const':
        return this.#constant(instruction);
      case 'data':
        return this.#ownAddress(instruction.to, this.#program.localBytes + instruction.offset);
      case 'local':
        return this.#ownAddress(instruction.to, instruction.offset);
      case 'copy': {
        const { to, from } = instruction;
        return () => temps.setPair(to, temps.words[2 * from]!, temps.words[2 * from + 1]!);
      }
      case 'binary': {
        const { operator, to, left, right } = instruction;
        const operation = OPERATIONS[operator];
        return () => void operation(temps, to, left, right);
      }
      case 'extend': {
        const { to, from, bits, signed } = instruction;
        return () => void temps.extend(to, from, bits, signed);
      }
      case 'load':
        return this.#load(instruction);
      case 'store':
        return this.#store(instruction);
      case 'move': {
        const { to, from, bytes } = instruction;
        return () => void own.copyWithin(to, from, from + bytes);
      }
      case 'zero': {
        const { offset, bytes } = instruction;
        return () => void own.fill(0, offset, offset + bytes);
      }
      case 'read':
        return this.#read(instruction);
      case 'read-block':
        return this.#readBlock(instruction);
      case 'read-string':
        return () => this.#readString(instruction);
      case 'symbol-name': {
        const { to, address, bytes } = instruction;
        const room = own.subarray(to, to + bytes);
        return () => writeSymbolName(this.#symbols, temps.unsigned[address]!, room);
      }
      case 'check-pointer':
        return () => this.checkPointer(instruction);
      case 'next-task':
        return () => this.#nextTask(instruction);
      case 'result': {
        const { offset, from } = instruction;
        return () => this.#setWord(RESULT_HEADER_BYTES + offset, temps.unsigned[from]!);
      }
      case 'result-block': {
        const value = own.subarray(instruction.from, instruction.from + instruction.bytes);
        return () => void this.#area.set(value, RESULT_HEADER_BYTES);
      }
      case 'row':
        return () => this.#row(instruction);
      case 'fuel': {
        const out: ProgramStop = { end: END.OUT_OF_FUEL, sourceOffset: instruction.sourceOffset };
        return () => (--this.#fuel === 0 ? out : undefined);
      }
      case 'watch':
        return () => undefined;
      default:
        throw new Error(`a program that is not run has a ${instruction.op}`);
    }
  }

  /** Ends the program unless the pointer holds a function that its check permits. */
  checkPointer({ value, check }: Of<'check-pointer'>): ProgramStop | undefined {
    const { permitted, mayBeNull, end, sourceOffset } = this.#program.pointerChecks[check]!;
    const address = this.temps.unsigned[value]!;
    if ((address === 0n && mayBeNull) || permitted.some(each => each.address === address)) return undefined;
    return { end, sourceOffset, address };
  }

  /** Where a block goes on: the next one, or undefined at the very end. */
  terminate(terminator: Terminator): number | undefined {
    switch (terminator.op) {
      case 'jump':
        return terminator.target;
      case 'branch':
        return this.temps.isTrue(terminator.condition) ? terminator.then : terminator.otherwise;
      case 'end':
        return this.stop(terminator);
      case 'fault': {
        const address = this.temps.unsigned[terminator.address]!;
        return this.stop({ end: END.FAULTED, sourceOffset: terminator.sourceOffset, address });
      }
      case 'leave':
        return undefined;
    }
  }

  /** Notes how the program ends; gives the clean-up that comes before that, if there is one. */
  stop({ end, sourceOffset, address }: ProgramStop): number | undefined {
    if (address !== undefined) this.#setWord(RESULT_HEADER.FAULT, address);
    this.#setWord(RESULT_HEADER.SOURCE_OFFSET, BigInt(sourceOffset));
    this.#setWord(RESULT_HEADER.END, BigInt(end));
    return this.#program.cleanup;
  }

  #setWord(offset: number, value: bigint): undefined {
    this.#areaView.setBigUint64(offset, value, true);
  }

  #ownAddress(to: number, offset: number): Execute {
    return () => this.temps.setPair(to, offset, OWN_HIGH);
  }

  #constant({ to, value }: Of<'const'>): Execute {
    const [low, high] = [Number(value & 0xffff_ffffn), Number(value >> 32n)];
    return () => this.temps.setPair(to, low, high);
  }

  #readBlock({ to, bytes, address, sourceOffset }: Of<'read-block'>): Execute {
    return () => {
      const from = this.temps.unsigned[address]!;
      if (this.copy(from, this.own, to, bytes)) return undefined;
      return { end: END.FAULTED, sourceOffset, address: from };
    };
  }

  #load({ to, offset, bytes }: Of<'load'>): Execute {
    const { temps, own } = this;
    const view = this.#ownView;
    switch (bytes) {
      case 1:
        return () => temps.setSmall(to, own[offset]!);
      case 2:
        return () => temps.setSmall(to, view.getUint16(offset, true));
      case 4:
        return () => temps.setSmall(to, view.getUint32(offset, true));
      case 8:
        return () => temps.setPair(to, view.getUint32(offset, true), view.getUint32(offset + 4, true));
    }
  }

  #store({ from, offset, bytes }: Of<'store'>): Execute {
    const { words } = this.temps;
    const view = this.#ownView;
    switch (bytes) {
      case 1:
        return () => void view.setUint8(offset, words[2 * from]!);
      case 2:
        return () => void view.setUint16(offset, words[2 * from]!, true);
      case 4:
        return () => void view.setUint32(offset, words[2 * from]!, true);
      case 8:
        return () => {
          view.setUint32(offset, words[2 * from]!, true);
          view.setUint32(offset + 4, words[2 * from + 1]!, true);
          return undefined;
        };
    }
  }

  #read({ to, address, bytes, sourceOffset }: Of<'read'>): Execute {
    const { temps } = this;
    return () => {
      const from = temps.unsigned[address]!;
      temps.setSmall(to, 0);
      if (this.copy(from, temps.bytes, to * 8, bytes)) return undefined;
      return { end: END.FAULTED, sourceOffset, address: from };
    };
  }

  /** What changes faster than it can be read has nothing to show: the program faults where the tree is. */
  #nextTask({ to, number, least, tree, sourceOffset }: Of<'next-task'>): ProgramStop | undefined {
    const { words, unsigned } = this.temps;
    const isNumber = words[2 * least + 1] === 0 && words[2 * least]! <= 0x7fff_ffff;
    const found = isNumber ? nextTask(this.memory, tree, words[2 * least]!) : undefined;
    if (found === 'inconsistent') return { end: END.FAULTED, sourceOffset, address: tree.head };
    unsigned[to] = found?.task ?? 0n;
    this.temps.setSmall(number, found?.number ?? 0);
    return undefined;
  }

  /**
   * As strncpy_from_kernel_nofault(): the length with its NUL, the limit where there is none, or an error.
   */
  #readString({ to, address, bytes }: Of<'read-string'>): undefined {
    const from = this.temps.unsigned[address]!;
    const text = this.own.subarray(to + 8, to + 8 + bytes);
    text.fill(0);
    this.#ownView.setBigInt64(to, this.#copyString(from, text), true);
  }

  #copyString(from: bigint, text: Uint8Array): bigint {
    for (let done = 0; done < text.length; ) {
      const at = BigInt.asUintN(64, from + BigInt(done));
      const toPageEnd = PAGE_BYTES - Number(at % BigInt(PAGE_BYTES));
      const piece = Math.min(toPageEnd, text.length - done, this.#ownRest(at));
      if (!this.copy(at, text, done, piece)) {
        text.fill(0);
        return EFAULT;
      }
      const end = text.subarray(done, done + piece).indexOf(0);
      if (end >= 0) {
        text.fill(0, done + end);
        return BigInt(done + end + 1);
      }
      done += piece;
    }
    text[text.length - 1] = 0;
    return BigInt(text.length);
  }

  /** Bytes of own memory from an address on, which may end before its string does; no limit elsewhere. */
  #ownRest(address: bigint): number {
    const offset = this.programOffset(address);
    return offset === undefined ? PAGE_BYTES : this.own.length - offset;
  }

  #row({ reportIndex, from, bytes }: Of<'row'>): undefined {
    const used = Number(this.#areaView.getBigUint64(RESULT_HEADER.USED, true));
    const end = used + ROW_HEADER_BYTES + bytes;
    if (end > this.#area.length) {
      const dropped = this.#areaView.getBigUint64(RESULT_HEADER.DROPPED, true);
      return this.#setWord(RESULT_HEADER.DROPPED, dropped + 1n);
    }
    this.#setWord(RESULT_HEADER.USED, BigInt(end));
    this.#areaView.setUint32(used, reportIndex, true);
    this.#areaView.setUint32(used + 4, bytes, true);
    this.#area.set(this.own.subarray(from, from + bytes), used + ROW_HEADER_BYTES);
  }
}
