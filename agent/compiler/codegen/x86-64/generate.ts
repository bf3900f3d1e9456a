import { END, type Instruction, type IrProgram, type Terminator } from '../../ir/index.ts';
import type { BackEnd, CodegenInput, MachineCode } from '../back-end.ts';
import { initialWords, RESULT_HEADER, RESULT_HEADER_BYTES } from '../data-layout.ts';
import { CC, type Label, REG } from './assembler.ts';
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

/** x86-64. Naive on purpose: it runs once. %rbx holds the address of `.bss` throughout. */
export const x86_64: BackEnd = {
  arch: 'x86_64',
  objdumpMachine: 'i386:x86-64',
  charIsSigned: true,
  // psABI x86-64, 3.1.2
  unnamedBitFieldsAlign: false,
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
      targets: frame.targets,
      faults: frame.faults,
    };
  }

  /** %rsp is 8 off a multiple of 16 at entry; two pushes and the frame make it even, as every callee expects. */
  #prologue(): void {
    const { asm } = this.#frame;
    asm.endbr64();
    asm.push(REG.rbp);
    asm.movRegReg(REG.rbp, REG.rsp);
    asm.push(REG.rbx);
    asm.arithmeticImm('sub', REG.rsp, 8 + stackArgumentBytes(this.#program));
    asm.leaSection(REG.rbx, '.bss');
    for (const { offset, value } of initialWords(this.#program, this.#frame.layout)) {
      asm.movImm(REG.rax, value);
      asm.store(REG.rbx, offset, REG.rax);
    }
  }

  #instruction(instruction: Instruction): void {
    const frame = this.#frame;
    const { asm, layout } = frame;
    switch (instruction.op) {
      case 'const':
        asm.movImm(REG.rax, instruction.value);
        return frame.storeTemp(instruction.to);
      case 'data':
        asm.leaSection(REG.rax, '.data', instruction.offset);
        return frame.storeTemp(instruction.to);
      case 'copy':
        frame.loadTemp(REG.rax, instruction.from);
        return frame.storeTemp(instruction.to);
      case 'binary':
        frame.loadTemp(REG.rax, instruction.left);
        frame.loadTemp(REG.rcx, instruction.right);
        emitOperator(asm, instruction.operator);
        return frame.storeTemp(instruction.to);
      case 'extend':
        frame.loadTemp(REG.rax, instruction.from);
        if (instruction.signed) asm.signExtendRax(instruction.bits);
        else asm.zeroExtendRax(instruction.bits);
        return frame.storeTemp(instruction.to);
      case 'local':
        frame.leaLocal(REG.rax, instruction.offset);
        return frame.storeTemp(instruction.to);
      case 'load':
        asm.loadBytes(REG.rax, REG.rbx, layout.locals + instruction.offset, instruction.bytes);
        return frame.storeTemp(instruction.to);
      case 'store':
        frame.loadTemp(REG.rax, instruction.from);
        return asm.storeRaxToRbx(layout.locals + instruction.offset, instruction.bytes);
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
        frame.loadTemp(REG.rax, instruction.from);
        return asm.store(REG.rbx, RESULT_HEADER_BYTES + instruction.offset, REG.rax);
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
        return asm.jmp(this.#blocks[terminator.target]!);
      case 'branch':
        frame.loadTemp(REG.rax, terminator.condition);
        asm.test(REG.rax);
        asm.jcc(CC.ne, this.#blocks[terminator.then]!);
        return asm.jmp(this.#blocks[terminator.otherwise]!);
      case 'end':
        asm.movImm(REG.rax, BigInt(terminator.place));
        return this.#end(terminator.end);
      case 'fault':
        frame.loadTemp(REG.rax, terminator.address);
        frame.noteAddress(REG.rax);
        asm.movImm(REG.rax, BigInt(terminator.place));
        return asm.jmp(frame.faulted);
      case 'leave':
        return asm.jmp(this.#epilogue);
    }
  }

  /** Ends the program; %rax holds the place. */
  #end(end: number): void {
    const { asm } = this.#frame;
    asm.store(REG.rbx, RESULT_HEADER.PLACE, REG.rax);
    asm.movImm(REG.rax, BigInt(end));
    asm.store(REG.rbx, RESULT_HEADER.END, REG.rax);
    asm.jmp(this.#exit);
  }

  #rareEnds(): void {
    const frame = this.#frame;
    frame.placeStubs();
    frame.asm.place(frame.faulted);
    frame.asm.load(REG.rcx, REG.rbx, frame.layout.address);
    frame.asm.store(REG.rbx, RESULT_HEADER.FAULT, REG.rcx);
    this.#end(END.FAULTED);
    frame.asm.place(frame.outOfFuel);
    this.#end(END.OUT_OF_FUEL);
  }

  /** Brings what is used of the result area to the loader. */
  #finish(): void {
    const frame = this.#frame;
    const { asm } = frame;
    asm.place(this.#epilogue);
    asm.movImm(REG.rdi, frame.input.userAddress);
    asm.movRegReg(REG.rsi, REG.rbx);
    asm.load(REG.rdx, REG.rbx, RESULT_HEADER.USED);
    frame.callHelper('copyToUser');
    asm.movImm(REG.rax, -EINPROGRESS);
    asm.load(REG.rbx, REG.rbp, -8);
    asm.leave();
    asm.ret();
  }
}
