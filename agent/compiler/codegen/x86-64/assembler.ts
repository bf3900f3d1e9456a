import { FarcallError } from '../../../../shared/errors/index.ts';
import { type CodeLabel, LabelledCode } from '../common/index.ts';

/** General registers by their number in instructions (Intel SDM volume 2, 2.1.5 and 3.1.1.1). */
export const REG = {
  rax: 0,
  rcx: 1,
  rdx: 2,
  rbx: 3,
  rsp: 4,
  rbp: 5,
  rsi: 6,
  rdi: 7,
  r8: 8,
  r9: 9,
  r11: 11,
} as const;

/** One of {@link REG}. */
export type Reg = (typeof REG)[keyof typeof REG];

/** Condition codes of jcc and setcc (SDM volume 2, appendix B.1.4.7). */
export const CC = { b: 2, e: 4, ne: 5, be: 6, a: 7, l: 12, le: 14 } as const;

/** One of {@link CC}. */
export type Cc = (typeof CC)[keyof typeof CC];

const REX_W = 0x48;
const REX_R = 0x04;
const REX_B = 0x01;

/**
 * Writes x86-64 instructions, one method a form, named as the mnemonic is. Above each byte string stands what
 * it is. Only the forms that the back end and the loader use are here; a test shows each to a disassembler.
 */
export class Assembler extends LabelledCode {
  readonly #jumps: { readonly at: number; readonly label: CodeLabel }[] = [];

  override resolveJumps(): void {
    for (const { at, label } of this.#jumps) this.code.patchI32(at, this.offsetOf(label) - (at + 4));
  }

  // endbr64
  endbr64(): void {
    this.code.u8(0xf3, 0x0f, 0x1e, 0xfa);
  }

  // push %reg
  push(reg: Reg): void {
    if (reg >= 8) this.code.u8(0x40 | REX_B);
    this.code.u8(0x50 + low(reg));
  }

  // leave
  leave(): void {
    this.code.u8(0xc9);
  }

  // ret
  ret(): void {
    this.code.u8(0xc3);
  }

  // syscall
  syscall(): void {
    this.code.u8(0x0f, 0x05);
  }

  // mov %from,%to
  movRegReg(to: Reg, from: Reg): void {
    this.code.u8(rex(from, to), 0x89, direct(from, to));
  }

  /** The shortest move of `value` into the register. */
  movImm(to: Reg, value: bigint): void {
    const unsigned = BigInt.asUintN(64, value);
    if (value !== unsigned && value !== BigInt.asIntN(64, value))
      throw new FarcallError('ENCODING_RANGE', `${value} does not fit in 64 bits`);
    if (unsigned <= 0xffffffffn) this.#movImm32(to, Number(unsigned));
    else if (BigInt.asIntN(32, value) === BigInt.asIntN(64, value))
      this.#movSignedImm32(to, Number(BigInt.asIntN(32, value)));
    else this.#movabs(to, unsigned);
  }

  // mov $imm32,%r32 (zero-extends)
  #movImm32(to: Reg, value: number): void {
    if (to >= 8) this.code.u8(0x40 | REX_B);
    this.code.u8(0xb8 + low(to));
    this.code.u32(value);
  }

  // mov $imm32,%r64 (sign-extends)
  #movSignedImm32(to: Reg, value: number): void {
    this.code.u8(rex(0, to), 0xc7, direct(0, to));
    this.code.i32(value);
  }

  // movabs $imm64,%r64
  #movabs(to: Reg, value: bigint): void {
    this.code.u8(rex(0, to), 0xb8 + low(to));
    this.code.u64(value);
  }

  // mov disp32(%base),%to
  load(to: Reg, base: Reg, offset: number): void {
    this.#memory(0x8b, to, base, offset);
  }

  // mov %from,disp32(%base)
  store(base: Reg, offset: number, from: Reg): void {
    this.#memory(0x89, from, base, offset);
  }

  // movzbl disp32(%base),%to; movzwl disp32(%base),%to; mov disp32(%base),%to (32 or 64 bits)
  loadBytes(to: Reg, base: Reg, offset: number, bytes: 1 | 2 | 4 | 8): void {
    if (bytes === 8) return this.load(to, base, offset);
    if (to >= 8 || base >= 8) throw new Error('this form is for the first eight registers');
    if (bytes === 1) this.code.u8(0x0f, 0xb6);
    else if (bytes === 2) this.code.u8(0x0f, 0xb7);
    else this.code.u8(0x8b);
    this.code.u8(0x80 | (to << 3) | base);
    this.code.i32(offset);
  }

  // mov %al,disp32(%base); mov %ax,disp32(%base); mov %eax,disp32(%base); mov %rax,disp32(%base)
  storeRax(base: typeof REG.rbx | typeof REG.rdx, offset: number, bytes: 1 | 2 | 4 | 8): void {
    const modRm = 0x80 | base;
    if (bytes === 1) this.code.u8(0x88, modRm);
    else if (bytes === 2) this.code.u8(0x66, 0x89, modRm);
    else if (bytes === 4) this.code.u8(0x89, modRm);
    else this.code.u8(REX_W, 0x89, modRm);
    this.code.i32(offset);
  }

  // lock xadd %rax,(%rdx)
  lockXadd(): void {
    this.code.u8(0xf0, REX_W, 0x0f, 0xc1, 0x02);
  }

  // mov %gs:disp32,%rax
  loadPerCpu(address: bigint): void {
    const offset = BigInt.asIntN(64, address);
    if (offset !== BigInt.asIntN(32, offset))
      throw new FarcallError('ENCODING_RANGE', `${address} does not fit in 32 bits`);
    this.code.u8(0x65, REX_W, 0x8b, 0x04, 0x25);
    this.code.i32(Number(offset));
  }

  // lea label(%rip),%to
  leaLabel(to: Reg, label: CodeLabel): void {
    this.code.u8(rex(to, 0), 0x8d, (low(to) << 3) | 5);
    this.#distance(label);
  }

  // rep movsb
  repMovsb(): void {
    this.code.u8(0xf3, 0xa4);
  }

  // rep stosb
  repStosb(): void {
    this.code.u8(0xf3, 0xaa);
  }

  // lock cmpxchg %cl,(%rdx); lock cmpxchg %cx,(%rdx); lock cmpxchg %ecx,(%rdx); lock cmpxchg %rcx,(%rdx)
  lockCmpxchg(bytes: 1 | 2 | 4 | 8): void {
    this.code.u8(0xf0);
    if (bytes === 2) this.code.u8(0x66);
    if (bytes === 8) this.code.u8(REX_W);
    this.code.u8(0x0f, bytes === 1 ? 0xb0 : 0xb1, 0x0a);
  }

  // call *%r11
  callR11(): void {
    this.code.u8(0x41, 0xff, 0xd3);
  }

  // lea disp32(%base),%to
  lea(to: Reg, base: Reg, offset: number): void {
    this.#memory(0x8d, to, base, offset);
  }

  // movb $imm8,(%base)
  storeImm8(base: Reg, value: number): void {
    if (base >= 8) this.code.u8(0x40 | REX_B);
    this.code.u8(0xc6, indirect(base), value);
  }

  // lea section(%rip),%to
  leaSection(to: Reg, section: '.bss' | '.data', offset = 0): void {
    this.code.u8(rex(to, 0), 0x8d, (low(to) << 3) | 5);
    this.relocations.push({
      kind: 'pc32',
      offset: this.code.length,
      symbol: section,
      addend: BigInt(offset) - 4n,
    });
    this.code.i32(0);
  }

  // add %from,%to; and so on
  arithmetic(operation: 'add' | 'or' | 'and' | 'sub' | 'xor' | 'cmp', to: Reg, from: Reg): void {
    const opcode = { add: 0x01, or: 0x09, and: 0x21, sub: 0x29, xor: 0x31, cmp: 0x39 }[operation];
    this.code.u8(rex(from, to), opcode, direct(from, to));
  }

  // add $imm32,%to; sub $imm32,%to; cmp $imm32,%to
  arithmeticImm(operation: 'add' | 'sub' | 'cmp', to: Reg, value: number): void {
    const extension = { add: 0, sub: 5, cmp: 7 }[operation];
    this.code.u8(rex(0, to), 0x81, direct(extension, to));
    this.code.i32(value);
  }

  // imul %from,%to
  imul(to: Reg, from: Reg): void {
    this.code.u8(rex(to, from), 0x0f, 0xaf, direct(to, from));
  }

  // neg %reg
  neg(reg: Reg): void {
    this.code.u8(rex(0, reg), 0xf7, direct(3, reg));
  }

  // cqto
  cqto(): void {
    this.code.u8(REX_W, 0x99);
  }

  // idiv %reg
  idiv(reg: Reg): void {
    this.code.u8(rex(0, reg), 0xf7, direct(7, reg));
  }

  // div %reg
  div(reg: Reg): void {
    this.code.u8(rex(0, reg), 0xf7, direct(6, reg));
  }

  // shl %cl,%reg; shr %cl,%reg; sar %cl,%reg
  shift(operation: 'shl' | 'shr' | 'sar', reg: Reg): void {
    const extension = { shl: 4, shr: 5, sar: 7 }[operation];
    this.code.u8(rex(0, reg), 0xd3, direct(extension, reg));
  }

  // movsbq %al,%rax; movswq %ax,%rax; movslq %eax,%rax
  signExtendRax(bits: 8 | 16 | 32): void {
    if (bits === 8) this.code.u8(REX_W, 0x0f, 0xbe, 0xc0);
    else if (bits === 16) this.code.u8(REX_W, 0x0f, 0xbf, 0xc0);
    else this.code.u8(REX_W, 0x63, 0xc0);
  }

  // movzbl %al,%eax; movzwl %ax,%eax; mov %eax,%eax
  zeroExtendRax(bits: 8 | 16 | 32): void {
    if (bits === 8) this.code.u8(0x0f, 0xb6, 0xc0);
    else if (bits === 16) this.code.u8(0x0f, 0xb7, 0xc0);
    else this.code.u8(0x89, 0xc0);
  }

  // setcc %al
  setAl(condition: Cc): void {
    this.code.u8(0x0f, 0x90 + condition, 0xc0);
  }

  // test %reg,%reg
  test(reg: Reg): void {
    this.code.u8(rex(reg, reg), 0x85, direct(reg, reg));
  }

  // jmp label
  jmp(label: CodeLabel): void {
    this.code.u8(0xe9);
    this.#distance(label);
  }

  // jcc label
  jcc(condition: Cc, label: CodeLabel): void {
    this.code.u8(0x0f, 0x80 + condition);
    this.#distance(label);
  }

  // call symbol
  callSymbol(symbol: string): void {
    this.code.u8(0xe8);
    this.relocations.push({ kind: 'call', offset: this.code.length, symbol, addend: -4n });
    this.code.i32(0);
  }

  #distance(label: CodeLabel): void {
    this.#jumps.push({ at: this.code.length, label });
    this.code.i32(0);
  }

  /** opcode with a register and disp32(%base); %rsp as a base needs an SIB byte (SDM volume 2, table 2-2). */
  #memory(opcode: number, reg: Reg, base: Reg, offset: number): void {
    this.code.u8(rex(reg, base), opcode, 0x80 | (low(reg) << 3) | low(base));
    if (low(base) === REG.rsp) this.code.u8(0x24);
    this.code.i32(offset);
  }
}

/** REX.W with the high bits of ModRM.reg and ModRM.rm: 0100WRXB. */
function rex(reg: number, rm: number): number {
  return REX_W | (reg >= 8 ? REX_R : 0) | (rm >= 8 ? REX_B : 0);
}

/** ModRM for two registers: |7..6 11|5..3 reg|2..0 rm|. */
function direct(reg: number, rm: number): number {
  return 0xc0 | (low(reg) << 3) | low(rm);
}

/** ModRM for (%base) without a displacement; not for %rsp and %rbp. */
function indirect(base: Reg): number {
  if (base === REG.rsp || base === REG.rbp)
    throw new Error('this form has another meaning for %rsp and %rbp');
  return low(base);
}

function low(reg: number): number {
  return reg & 7;
}
