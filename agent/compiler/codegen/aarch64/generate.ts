import { END, type Instruction, type IrProgram, type Terminator } from '../../ir/index.ts';
import type { BackEnd, CodegenInput, MachineCode } from '../back-end.ts';
import { initialWords, RESULT_HEADER, RESULT_HEADER_BYTES } from '../data-layout.ts';
import { type Label, REG } from './assembler.ts';
import { emitCall, stackArgumentBytes } from './call.ts';
import { Frame } from './frame.ts';
import {
  emitExchange,
  emitFuel,
  emitMove,
  emitRead,
  emitReadBlock,
  emitReadString,
  emitResultBlock,
  emitRow,
  emitWrite,
  emitWriteBlock,
  emitZero,
} from './memory.ts';
import { emitOperator } from './operators.ts';

/** -EINPROGRESS: the kernel takes a negative answer of init as failure, and frees the module (kernel/module/main.c, v6.12). */
const EINPROGRESS = 115n;

/** Where init keeps x19, above x29 and x30. */
const SAVED_X19 = 16;

/** AArch64, little-endian. Naive on purpose: it runs once. x19 holds the address of `.bss` throughout. */
export const aarch64: BackEnd = {
  arch: 'aarch64',
  objdumpMachine: 'aarch64',
  charIsSigned: false,
  // AAPCS64, Bit-fields: "without exception for zero-sized or anonymous bit-fields"
  unnamedBitFieldsAlign: true,
  generate(input) {
    return new Generator(input).generate();
  },
};

class Generator {
  readonly #program: IrProgram;
  readonly #frame: Frame;
  readonly #blocks: readonly Label[];
  readonly #epilogue: Label;
  /** Where every end goes: the clean-up of the program, if it has one. */
  readonly #exit: Label;

  constructor(input: CodegenInput) {
    this.#program = input.program;
    this.#frame = new Frame(input);
    this.#blocks = input.program.blocks.map(() => this.#frame.asm.label());
    this.#epilogue = this.#frame.asm.label();
    const { cleanup } = input.program;
    this.#exit = cleanup === undefined ? this.#epilogue : this.#blocks[cleanup]!;
  }

  generate(): MachineCode {
    const frame = this.#frame;
    this.#prologue();
    for (const [index, { instructions, terminator }] of this.#program.blocks.entries()) {
      frame.asm.place(this.#blocks[index]!);
      for (const instruction of instructions) this.#instruction(instruction);
      this.#terminator(terminator);
    }
    this.#rareEnds();
    this.#finish();
    frame.asm.resolveJumps();
    return {
      text: frame.asm.code.finish(),
      data: this.#program.data,
      zeroBytes: frame.layout.sizeBytes,
      relocations: frame.asm.relocations,
      // Calls go to addresses in registers.
      targets: [],
      faults: frame.faults,
    };
  }

  /** A frame record (AAPCS64, 6.4.6), so that the kernel's traces go through init, and room for arguments below it. */
  #prologue(): void {
    const { asm } = this.#frame;
    asm.btiC();
    asm.pushFrame();
    asm.arithmeticImm('add', REG.x29, REG.sp, 0);
    asm.store(REG.sp, SAVED_X19, REG.x19);
    const room = stackArgumentBytes(this.#program);
    if (room > 0) {
      asm.movImm(REG.x16, BigInt(room));
      asm.subSp(REG.x16);
    }
    asm.leaSection(REG.x19, '.bss');
    for (const { offset, value } of initialWords(this.#program, this.#frame.layout)) {
      asm.movImm(REG.x0, value);
      this.#frame.store(offset, REG.x0);
    }
  }

  #instruction(instruction: Instruction): void {
    const frame = this.#frame;
    const { asm, layout } = frame;
    switch (instruction.op) {
      case 'const':
        asm.movImm(REG.x0, instruction.value);
        return frame.storeTemp(instruction.to);
      case 'data':
        asm.leaSection(REG.x0, '.data', instruction.offset);
        return frame.storeTemp(instruction.to);
      case 'copy':
        frame.loadTemp(REG.x0, instruction.from);
        return frame.storeTemp(instruction.to);
      case 'binary':
        frame.loadTemp(REG.x0, instruction.left);
        frame.loadTemp(REG.x1, instruction.right);
        emitOperator(asm, instruction.operator);
        return frame.storeTemp(instruction.to);
      case 'extend':
        frame.loadTemp(REG.x0, instruction.from);
        if (instruction.signed) asm.signExtend(REG.x0, REG.x0, instruction.bits);
        else asm.zeroExtend(REG.x0, REG.x0, instruction.bits);
        return frame.storeTemp(instruction.to);
      case 'local':
        frame.leaLocal(REG.x0, instruction.offset);
        return frame.storeTemp(instruction.to);
      case 'load':
        frame.load(REG.x0, layout.locals + instruction.offset, instruction.bytes);
        return frame.storeTemp(instruction.to);
      case 'store':
        frame.loadTemp(REG.x0, instruction.from);
        return frame.store(layout.locals + instruction.offset, REG.x0, instruction.bytes);
      case 'move':
        return emitMove(frame, instruction);
      case 'zero':
        return emitZero(frame, instruction);
      case 'read':
        return emitRead(frame, instruction);
      case 'write':
        return emitWrite(frame, instruction);
      case 'read-block':
        return emitReadBlock(frame, instruction);
      case 'write-block':
        return emitWriteBlock(frame, instruction);
      case 'read-string':
        return emitReadString(frame, instruction);
      case 'exchange':
        return emitExchange(frame, instruction);
      case 'call':
        return emitCall(frame, instruction);
      case 'next-task':
        throw new Error('next-task is for the interpreter: a module holds the tasks that it looks at');
      case 'result':
        frame.loadTemp(REG.x0, instruction.from);
        return frame.store(RESULT_HEADER_BYTES + instruction.offset, REG.x0);
      case 'result-block':
        return emitResultBlock(frame, instruction);
      case 'row':
        return emitRow(frame, instruction);
      case 'fuel':
        return emitFuel(frame, instruction);
    }
  }

  #terminator(terminator: Terminator): void {
    const frame = this.#frame;
    const { asm } = frame;
    switch (terminator.op) {
      case 'jump':
        return asm.b(this.#blocks[terminator.target]!);
      case 'branch':
        frame.loadTemp(REG.x0, terminator.condition);
        asm.cbnz(REG.x0, this.#blocks[terminator.then]!);
        return asm.b(this.#blocks[terminator.otherwise]!);
      case 'end':
        asm.movImm(REG.x0, BigInt(terminator.place));
        return this.#end(terminator.end);
      case 'fault':
        frame.loadTemp(REG.x0, terminator.address);
        frame.noteAddress(REG.x0);
        asm.movImm(REG.x0, BigInt(terminator.place));
        return asm.b(frame.faulted);
      case 'leave':
        return asm.b(this.#epilogue);
    }
  }

  /** Ends the program; x0 holds the place. */
  #end(end: number): void {
    const frame = this.#frame;
    frame.store(RESULT_HEADER.PLACE, REG.x0);
    frame.asm.movImm(REG.x0, BigInt(end));
    frame.store(RESULT_HEADER.END, REG.x0);
    frame.asm.b(this.#exit);
  }

  #rareEnds(): void {
    const frame = this.#frame;
    frame.placeStubs();
    frame.asm.place(frame.faulted);
    frame.load(REG.x1, frame.layout.address);
    frame.store(RESULT_HEADER.FAULT, REG.x1);
    this.#end(END.FAULTED);
    frame.asm.place(frame.outOfFuel);
    this.#end(END.OUT_OF_FUEL);
  }

  /** Brings what is used of the result area to the loader. */
  #finish(): void {
    const frame = this.#frame;
    const { asm } = frame;
    asm.place(this.#epilogue);
    asm.movImm(REG.x0, frame.input.userAddress);
    asm.movRegReg(REG.x1, REG.x19);
    frame.load(REG.x2, RESULT_HEADER.USED);
    frame.callHelper('copyToUser');
    asm.movImm(REG.x0, -EINPROGRESS);
    asm.arithmeticImm('add', REG.sp, REG.x29, 0);
    asm.load(REG.x19, REG.sp, SAVED_X19);
    asm.popFrame();
    asm.ret();
  }
}
