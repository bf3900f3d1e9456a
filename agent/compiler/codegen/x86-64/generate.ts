import type { CallTarget, Instruction, IrOperator, IrProgram, Temp, Terminator } from '../../ir/index.ts';
import type { BackEnd, CodegenInput, MachineCode } from '../back-end.ts';
import { type DataLayout, initialData, layoutData, RESULT_HEADER_BYTES } from '../data-layout.ts';
import { Assembler, CC, type Cc, type Label, REG, type Reg } from './assembler.ts';

/** Integer argument registers in order (System V psABI x86-64, 3.2.3). */
const ARGUMENT_REGS: readonly Reg[] = [REG.rdi, REG.rsi, REG.rdx, REG.rcx, REG.r8, REG.r9];

/** -EINPROGRESS: the kernel takes a negative answer of init as failure, and frees the module (kernel/module/main.c, v6.12). */
const EINPROGRESS = 115n;

/** x86-64. Naive on purpose: it runs once. %rbx holds the address of `.data` throughout. */
export const x86_64: BackEnd = {
  arch: 'x86_64',
  generate(input) {
    return new Generator(input).generate();
  },
};

class Generator {
  readonly #program: IrProgram;
  readonly #input: CodegenInput;
  readonly #layout: DataLayout;
  readonly #asm = new Assembler();
  readonly #targets = new Map<string, CallTarget>();
  readonly #blocks: readonly Label[];
  readonly #epilogue: Label;

  constructor(input: CodegenInput) {
    this.#input = input;
    this.#program = input.program;
    this.#layout = layoutData(input.program);
    this.#blocks = input.program.blocks.map(() => this.#asm.label());
    this.#epilogue = this.#asm.label();
  }

  generate(): MachineCode {
    this.#prologue();
    for (const [index, { instructions, terminator }] of this.#program.blocks.entries()) {
      this.#asm.place(this.#blocks[index]!);
      for (const instruction of instructions) this.#instruction(instruction);
      this.#terminator(terminator);
    }
    this.#finish();
    this.#asm.resolveJumps();
    return {
      text: this.#asm.code.finish(),
      data: initialData(this.#program, this.#layout),
      relocations: this.#asm.relocations,
      targets: [...this.#targets.values()],
    };
  }

  /** %rsp is 8 off a multiple of 16 at entry; two pushes and the frame make it even, as every callee expects. */
  #prologue(): void {
    const asm = this.#asm;
    asm.endbr64();
    asm.push(REG.rbp);
    asm.movRegReg(REG.rbp, REG.rsp);
    asm.push(REG.rbx);
    asm.arithmeticImm('sub', REG.rsp, this.#frameBytes());
    asm.leaSection(REG.rbx, '.data');
  }

  #frameBytes(): number {
    let stackArgs = 0;
    for (const { instructions } of this.#program.blocks) {
      for (const each of instructions) {
        if (each.op === 'call') stackArgs = Math.max(stackArgs, each.args.length - ARGUMENT_REGS.length);
      }
    }
    return 8 + 16 * Math.ceil(stackArgs / 2);
  }

  #instruction(instruction: Instruction): void {
    const asm = this.#asm;
    switch (instruction.op) {
      case 'const':
        asm.movImm(REG.rax, instruction.value);
        return this.#storeTemp(instruction.to);
      case 'data':
        asm.lea(REG.rax, REG.rbx, this.#layout.constants + instruction.offset);
        return this.#storeTemp(instruction.to);
      case 'copy':
        this.#loadTemp(REG.rax, instruction.from);
        return this.#storeTemp(instruction.to);
      case 'binary':
        this.#loadTemp(REG.rax, instruction.left);
        this.#loadTemp(REG.rcx, instruction.right);
        this.#binary(instruction.operator);
        return this.#storeTemp(instruction.to);
      case 'extend':
        this.#loadTemp(REG.rax, instruction.from);
        if (instruction.signed) asm.signExtendRax(instruction.bits);
        else asm.zeroExtendRax(instruction.bits);
        return this.#storeTemp(instruction.to);
      case 'call':
        return this.#call(instruction);
      case 'result':
        this.#loadTemp(REG.rax, instruction.from);
        return asm.store(REG.rbx, RESULT_HEADER_BYTES + instruction.offset, REG.rax);
    }
  }

  /** %rax = %rax operator %rcx. */
  #binary(operator: IrOperator): void {
    const asm = this.#asm;
    switch (operator) {
      case 'add':
      case 'sub':
      case 'and':
      case 'or':
      case 'xor':
        return asm.arithmetic(operator, REG.rax, REG.rcx);
      case 'mul':
        return asm.imul(REG.rax, REG.rcx);
      case 'udiv':
      case 'urem':
        return this.#unsignedDivision(operator);
      case 'sdiv':
      case 'srem':
        return this.#signedDivision(operator);
      case 'shl':
      case 'shr':
      case 'sar':
        return asm.shift(operator, REG.rax);
      case 'eq':
        return this.#compare(CC.e);
      case 'ne':
        return this.#compare(CC.ne);
      case 'slt':
        return this.#compare(CC.l);
      case 'sle':
        return this.#compare(CC.le);
      case 'ult':
        return this.#compare(CC.b);
      case 'ule':
        return this.#compare(CC.be);
    }
  }

  #compare(condition: Cc): void {
    this.#asm.arithmetic('cmp', REG.rax, REG.rcx);
    this.#asm.setAl(condition);
    this.#asm.zeroExtendRax(8);
  }

  #unsignedDivision(operator: 'udiv' | 'urem'): void {
    this.#asm.movImm(REG.rdx, 0n);
    this.#asm.div(REG.rcx);
    if (operator === 'urem') this.#asm.movRegReg(REG.rax, REG.rdx);
  }

  /** idiv traps on the least number divided by -1; that quotient is the negation, and the rest 0. */
  #signedDivision(operator: 'sdiv' | 'srem'): void {
    const asm = this.#asm;
    const [byMinusOne, done] = [asm.label(), asm.label()];
    asm.arithmeticImm('cmp', REG.rcx, -1);
    asm.jcc(CC.e, byMinusOne);
    asm.cqto();
    asm.idiv(REG.rcx);
    if (operator === 'srem') asm.movRegReg(REG.rax, REG.rdx);
    asm.jmp(done);
    asm.place(byMinusOne);
    if (operator === 'srem') asm.movImm(REG.rax, 0n);
    else asm.neg(REG.rax);
    asm.place(done);
  }

  /** Arguments from the seventh on go to the stack, the first of them lowest; %al counts vector registers: none. */
  #call({ to, target, args }: Extract<Instruction, { op: 'call' }>): void {
    const asm = this.#asm;
    for (const [index, arg] of args.slice(ARGUMENT_REGS.length).entries()) {
      this.#loadTemp(REG.rax, arg);
      asm.store(REG.rsp, index * 8, REG.rax);
    }
    for (const [index, reg] of ARGUMENT_REGS.entries()) {
      const arg = args[index];
      if (arg !== undefined) this.#loadTemp(reg, arg);
    }
    asm.movImm(REG.rax, 0n);
    this.#callTarget(target);
    if (to !== undefined) this.#storeTemp(to);
  }

  #callTarget(target: CallTarget): void {
    this.#targets.set(target.name, target);
    this.#asm.callSymbol(target.name);
  }

  #terminator(terminator: Terminator): void {
    const asm = this.#asm;
    switch (terminator.op) {
      case 'jump':
        return asm.jmp(this.#blocks[terminator.target]!);
      case 'branch':
        this.#loadTemp(REG.rax, terminator.condition);
        asm.test(REG.rax);
        asm.jcc(CC.ne, this.#blocks[terminator.then]!);
        return asm.jmp(this.#blocks[terminator.otherwise]!);
      case 'end':
        asm.movImm(REG.rax, BigInt(terminator.end));
        asm.store(REG.rbx, 0, REG.rax);
        asm.movImm(REG.rax, BigInt(terminator.place));
        asm.store(REG.rbx, 8, REG.rax);
        return asm.jmp(this.#epilogue);
    }
  }

  #finish(): void {
    const asm = this.#asm;
    asm.place(this.#epilogue);
    asm.movImm(REG.rdi, this.#input.userAddress);
    asm.movRegReg(REG.rsi, REG.rbx);
    asm.movImm(REG.rdx, BigInt(this.#layout.resultBytes));
    this.#callTarget(this.#input.copyToUser);
    asm.movImm(REG.rax, -EINPROGRESS);
    asm.load(REG.rbx, REG.rbp, -8);
    asm.leave();
    asm.ret();
  }

  #loadTemp(reg: Reg, temp: Temp): void {
    this.#asm.load(reg, REG.rbx, this.#layout.temps + temp * 8);
  }

  /** From %rax. */
  #storeTemp(temp: Temp): void {
    this.#asm.store(REG.rbx, this.#layout.temps + temp * 8, REG.rax);
  }
}
