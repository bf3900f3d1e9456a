import { FarcallError } from '../../../../shared/errors/index.ts';
import { type CodeLabel, LabelledCode } from '../common/index.ts';
import { adr, imm12, imm16, jumpField, scaled } from './fields.ts';

/**
 * General registers by their number in instructions. Number 31 is the stack pointer to some instructions and
 * the register that is always zero to others (Arm ARM, C1.2.5). x18 is left out: the kernel may keep its
 * shadow call stack in it.
 */
export const REG = {
  x0: 0,
  x1: 1,
  x2: 2,
  x3: 3,
  x4: 4,
  x5: 5,
  x6: 6,
  x7: 7,
  x8: 8,
  x9: 9,
  x16: 16,
  x17: 17,
  x19: 19,
  x29: 29,
  x30: 30,
  sp: 31,
} as const;

/** One of {@link REG}. */
export type Reg = (typeof REG)[keyof typeof REG];

/** Conditions (Arm ARM, C1.2.4). */
export const COND = { eq: 0, ne: 1, cc: 3, hi: 8, ls: 9, lt: 11, le: 13 } as const;

/** One of {@link COND}. */
export type Cond = (typeof COND)[keyof typeof COND];

/** Bytes that a load or store moves. */
export type AccessBytes = 1 | 2 | 4 | 8;

const ZERO = 31;

/** Bits 31 and 30 of loads and stores. */
const SIZE = { 1: 0, 2: 1, 4: 2, 8: 3 } as const;

/**
 * Writes A64 instructions, one method a form, named as the mnemonic is. Above each stands what a disassembler
 * shows. Only the forms that the back end and the loader use are here; a test shows each to a disassembler. A
 * field that is too small for a value throws ENCODING_RANGE; nothing wraps.
 */
export class Assembler extends LabelledCode {
  readonly #jumps: { readonly at: number; readonly word: number; readonly label: CodeLabel }[] = [];

  override resolveJumps(): void {
    for (const { at, word, label } of this.#jumps)
      this.code.patchI32(at, word | jumpField(word, this.offsetOf(label) - at) | 0);
  }

  // bti c
  btiC(): void {
    this.#word(0xd503245f);
  }

  // svc #0x0
  svc(): void {
    this.#word(0xd4000001);
  }

  // dmb ish
  dmbIsh(): void {
    this.#word(0xd5033bbf);
  }

  // ret; ret xn
  ret(to: Reg = REG.x30): void {
    this.#word(0xd65f0000 | (to << 5));
  }

  // adr xd, .+distance
  adr(to: Reg, distance: number): void {
    this.#word(0x10000000 | adr(distance) | to);
  }

  // adr xd, label
  adrLabel(to: Reg, label: CodeLabel): void {
    this.#jump(0x10000000 | to, label);
  }

  // mrs xd, sp_el0
  mrsSpEl0(to: Reg): void {
    this.#word(0xd5384100 | to);
  }

  // mov xd, xn
  movRegReg(to: Reg, from: Reg): void {
    if (to === REG.sp || from === REG.sp) throw new Error('this form has another meaning for sp');
    this.#word(0xaa0003e0 | (from << 16) | to);
  }

  /** The shortest moves of `value` into the register, 16 bits each. */
  movImm(to: Reg, value: bigint): void {
    const unsigned = BigInt.asUintN(64, value);
    if (value !== unsigned && value !== BigInt.asIntN(64, value))
      throw new FarcallError('ENCODING_RANGE', `${value} does not fit in 64 bits`);
    const parts = [0n, 16n, 32n, 48n].map(shift => Number((unsigned >> shift) & 0xffffn));
    const ones = parts.filter(part => part === 0xffff).length;
    const zeros = parts.filter(part => part === 0).length;
    const filler = ones > zeros ? 0xffff : 0;
    const first = Math.max(
      0,
      parts.findIndex(part => part !== filler),
    );
    if (filler === 0) this.movz(to, parts[first]!, first);
    else this.movn(to, parts[first]! ^ 0xffff, first);
    for (const [index, part] of parts.entries())
      if (index > first && part !== filler) this.movk(to, part, index);
  }

  // movz xd, #value, lsl #16*part
  movz(to: Reg, value: number, part: number): void {
    this.#word(0xd2800000 | imm16(value, part) | to);
  }

  // movn xd, #value, lsl #16*part
  movn(to: Reg, value: number, part: number): void {
    this.#word(0x92800000 | imm16(value, part) | to);
  }

  // movk xd, #value, lsl #16*part
  movk(to: Reg, value: number, part: number): void {
    this.#word(0xf2800000 | imm16(value, part) | to);
  }

  /**
   * The address of a section, or of what is at an offset in it: four moves, each completed by a relocation.
   */
  leaSection(to: Reg, symbol: '.bss' | '.data', offset = 0): void {
    const addend = BigInt(offset);
    for (const [part, kind] of (['abs16-0', 'abs16-1', 'abs16-2', 'abs16-3'] as const).entries()) {
      this.relocations.push({ kind, offset: this.code.length, symbol, addend });
      if (part === 0) this.movz(to, 0, part);
      else this.movk(to, 0, part);
    }
  }

  // add xd, xn, #value; sub xd, xn, #value (sp is meant by 31)
  arithmeticImm(operation: 'add' | 'sub', to: Reg, from: Reg, value: number): void {
    const opcode = { add: 0x91000000, sub: 0xd1000000 }[operation];
    this.#word(opcode | imm12(value) | (from << 5) | to);
  }

  // subs xd, xn, #value
  subsImm(to: Reg, from: Reg, value: number): void {
    if (to === REG.sp) throw new Error('this form has another meaning for sp');
    this.#word(0xf1000000 | imm12(value) | (from << 5) | to);
  }

  // cmp xn, #value
  cmpImm(reg: Reg, value: number): void {
    this.#word(0xf1000000 | imm12(value) | (reg << 5) | ZERO);
  }

  // add xd, xn, xm; and so on
  arithmetic(operation: 'add' | 'sub' | 'and' | 'orr' | 'eor', to: Reg, left: Reg, right: Reg): void {
    const opcode = {
      add: 0x8b000000,
      sub: 0xcb000000,
      and: 0x8a000000,
      orr: 0xaa000000,
      eor: 0xca000000,
    }[operation];
    this.#threeRegisters(opcode, to, left, right);
  }

  // cmp xn, xm
  cmp(left: Reg, right: Reg): void {
    this.#word(0xeb000000 | (right << 16) | (left << 5) | ZERO);
  }

  // sub sp, sp, xm
  subSp(by: Reg): void {
    this.#word(0xcb2063ff | (by << 16));
  }

  // mul xd, xn, xm
  mul(to: Reg, left: Reg, right: Reg): void {
    this.#threeRegisters(0x9b007c00, to, left, right);
  }

  // msub xd, xn, xm, xa: xa - xn * xm
  msub(to: Reg, left: Reg, right: Reg, from: Reg): void {
    this.#threeRegisters(0x9b008000 | (from << 10), to, left, right);
  }

  // udiv xd, xn, xm; sdiv xd, xn, xm
  divide(operation: 'udiv' | 'sdiv', to: Reg, left: Reg, right: Reg): void {
    this.#threeRegisters({ udiv: 0x9ac00800, sdiv: 0x9ac00c00 }[operation], to, left, right);
  }

  // lsl xd, xn, xm; lsr xd, xn, xm; asr xd, xn, xm (the count modulo 64)
  shift(operation: 'lsl' | 'lsr' | 'asr', to: Reg, left: Reg, right: Reg): void {
    const opcode = { lsl: 0x9ac02000, lsr: 0x9ac02400, asr: 0x9ac02800 }[operation];
    this.#threeRegisters(opcode, to, left, right);
  }

  // sxtb xd, wn; sxth xd, wn; sxtw xd, wn
  signExtend(to: Reg, from: Reg, bits: 8 | 16 | 32): void {
    this.#word(0x93400000 | ((bits - 1) << 10) | (from << 5) | to);
  }

  // uxtb wd, wn; uxth wd, wn; mov wd, wn
  zeroExtend(to: Reg, from: Reg, bits: 8 | 16 | 32): void {
    if (bits === 32) this.#word(0x2a0003e0 | (from << 16) | to);
    else this.#word(0x53000000 | ((bits - 1) << 10) | (from << 5) | to);
  }

  // cset xd, condition
  cset(to: Reg, condition: Cond): void {
    this.#word(0x9a9f07e0 | ((condition ^ 1) << 12) | to);
  }

  // ldr xt, [xn, #offset]; ldr wt, ldrh wt, ldrb wt (zero-extends)
  load(to: Reg, base: Reg, offset: number, bytes: AccessBytes = 8): void {
    this.#word(0x39400000 | (SIZE[bytes] << 30) | scaled(offset, bytes) | (base << 5) | to);
  }

  // str xt, [xn, #offset]; str wt, strh wt, strb wt
  store(base: Reg, offset: number, from: Reg, bytes: AccessBytes = 8): void {
    this.#word(0x39000000 | (SIZE[bytes] << 30) | scaled(offset, bytes) | (base << 5) | from);
  }

  // ldr xt, [xn, xm]; ldr wt, ldrh wt, ldrb wt
  loadIndexed(to: Reg, base: Reg, index: Reg, bytes: AccessBytes = 8): void {
    this.#word(0x38606800 | (SIZE[bytes] << 30) | (index << 16) | (base << 5) | to);
  }

  // str xt, [xn, xm]; str wt, strh wt, strb wt
  storeIndexed(base: Reg, index: Reg, from: Reg, bytes: AccessBytes = 8): void {
    this.#word(0x38206800 | (SIZE[bytes] << 30) | (index << 16) | (base << 5) | from);
  }

  // ldr xt, [xn], #bytes; ldr wt, ldrh wt, ldrb wt
  loadNext(to: Reg, base: Reg, bytes: AccessBytes): void {
    this.#word(0x38400400 | (SIZE[bytes] << 30) | (bytes << 12) | (base << 5) | to);
  }

  // str xt, [xn], #bytes; str wt, strh wt, strb wt
  storeNext(base: Reg, from: Reg, bytes: AccessBytes): void {
    this.#word(0x38000400 | (SIZE[bytes] << 30) | (bytes << 12) | (base << 5) | from);
  }

  // str xzr, [xn], #bytes; str wzr, strh wzr, strb wzr
  storeZeroNext(base: Reg, bytes: AccessBytes): void {
    this.#word(0x38000400 | (SIZE[bytes] << 30) | (bytes << 12) | (base << 5) | ZERO);
  }

  // stp x29, x30, [sp, #-32]!
  pushFrame(): void {
    this.#word(0xa9be7bfd);
  }

  // ldp x29, x30, [sp], #32
  popFrame(): void {
    this.#word(0xa8c27bfd);
  }

  // ldxr xt, [xn]; ldxr wt, ldxrh wt, ldxrb wt
  loadExclusive(to: Reg, address: Reg, bytes: AccessBytes): void {
    this.#word(0x085f7c00 | (SIZE[bytes] << 30) | (address << 5) | to);
  }

  // stlxr ws, xt, [xn]; stlxr ws, wt, stlxrh ws, wt, stlxrb ws, wt
  storeExclusive(failed: Reg, address: Reg, from: Reg, bytes: AccessBytes): void {
    this.#word(0x0800fc00 | (SIZE[bytes] << 30) | (failed << 16) | (address << 5) | from);
  }

  // b label
  b(label: CodeLabel): void {
    this.#jump(0x14000000, label);
  }

  // b.cond label
  bCond(condition: Cond, label: CodeLabel): void {
    this.#jump(0x54000000 | condition, label);
  }

  // cbz xt, label
  cbz(reg: Reg, label: CodeLabel): void {
    this.#jump(0xb4000000 | reg, label);
  }

  // cbnz xt, label
  cbnz(reg: Reg, label: CodeLabel): void {
    this.#jump(0xb5000000 | reg, label);
  }

  #threeRegisters(opcode: number, to: Reg, left: Reg, right: Reg): void {
    if (to === REG.sp || left === REG.sp || right === REG.sp)
      throw new Error('this form has another meaning for sp');
    this.#word(opcode | (right << 16) | (left << 5) | to);
  }

  #jump(word: number, label: CodeLabel): void {
    this.#jumps.push({ at: this.code.length, word, label });
    this.#word(word);
  }

  #word(word: number): void {
    this.code.u32(word >>> 0);
  }
}
