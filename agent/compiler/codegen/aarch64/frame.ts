import type { CallTarget, HandlerProgram } from '../../ir/index.ts';
import type { CodegenInput, CodeLabel } from '../common/index.ts';
import { MachineFrame } from '../common/index.ts';
import { type AccessBytes, Assembler, COND, REG, type Reg } from './assembler.ts';

/** The farthest that an offset reaches in a load or store, in units of what is moved, and in an add. */
const OFFSET_MOST = 4095;

/** Where a function keeps x19, above x29 and x30. */
export const SAVED_X19 = 16;

/** Bytes of the two instructions that a call ends with. */
const TRANSFER_BYTES = 8;

const ROLES = {
  accumulator: REG.x0,
  other: REG.x1,
  args: [REG.x0, REG.x1, REG.x2],
  bss: REG.x19,
} as const;

/** The frame of AArch64. x16 and x17 are scratch between any two instructions that the methods here write. */
export class StackFrame extends MachineFrame<Assembler, Reg> {
  /** Calls go to addresses in registers. */
  override readonly targets: readonly CallTarget[] = [];

  /** With `of`, a frame for a handler, in the text of that one. */
  constructor(input: CodegenInput, of?: { readonly frame: StackFrame; readonly handler: HandlerProgram }) {
    super(of?.frame.asm ?? new Assembler(), ROLES, input, of?.handler);
  }

  override forHandler(handler: HandlerProgram): StackFrame {
    return new StackFrame(this.input, { frame: this, handler });
  }

  override leaLabel(reg: Reg, label: CodeLabel): void {
    this.asm.adrLabel(reg, label);
  }

  override leaMain(reg: Reg, offset: number): void {
    this.asm.leaSection(reg, '.bss', offset);
  }

  override imm(reg: Reg, value: bigint): void {
    this.asm.movImm(reg, value);
  }

  override move(to: Reg, from: Reg): void {
    this.asm.movRegReg(to, from);
  }

  /** Reads `.bss` at `offset`, extended with zeros. */
  override load(reg: Reg, offset: number, bytes: AccessBytes = 8): void {
    if (reaches(offset, bytes)) return this.asm.load(reg, REG.x19, offset, bytes);
    this.asm.movImm(REG.x17, BigInt(offset));
    this.asm.loadIndexed(reg, REG.x19, REG.x17, bytes);
  }

  /** Writes `.bss` at `offset`. */
  override store(offset: number, reg: Reg, bytes: AccessBytes = 8): void {
    this.#storeAt(REG.x19, offset, reg, bytes);
  }

  /** Writes the stack at `offset` above its pointer. */
  storeToStack(offset: number, reg: Reg): void {
    this.#storeAt(REG.sp, offset, reg, 8);
  }

  #storeAt(base: Reg, offset: number, reg: Reg, bytes: AccessBytes): void {
    if (reaches(offset, bytes)) return this.asm.store(base, offset, reg, bytes);
    this.asm.movImm(REG.x17, BigInt(offset));
    this.asm.storeIndexed(base, REG.x17, reg, bytes);
  }

  override lea(reg: Reg, offset: number): void {
    this.addTo(reg, REG.x19, offset);
  }

  override leaData(reg: Reg, offset: number): void {
    this.asm.leaSection(reg, '.data', offset);
  }

  override add(reg: Reg, value: number): void {
    this.addTo(reg, reg, value);
  }

  /** to = from + value. */
  addTo(to: Reg, from: Reg, value: number): void {
    if (value <= OFFSET_MOST) return this.asm.arithmeticImm('add', to, from, value);
    this.asm.movImm(REG.x17, BigInt(value));
    this.asm.arithmetic('add', to, from, REG.x17);
  }

  override jump(label: CodeLabel): void {
    this.asm.b(label);
  }

  override compareAddress(reg: Reg, address: bigint): void {
    this.asm.movImm(REG.x17, address);
    this.asm.cmp(reg, REG.x17);
  }

  override jumpIf(relation: 'equal' | 'below', label: CodeLabel): void {
    this.asm.bCond(relation === 'equal' ? COND.eq : COND.cc, label);
  }

  override jumpUnlessZero(reg: Reg, label: CodeLabel): void {
    this.asm.cbnz(reg, label);
  }

  override callTarget({ address }: CallTarget): void {
    this.asm.movImm(REG.x16, address);
    this.transfer();
  }

  /**
   * Calls what x16 points to. By `ret` and not `blr`: a kernel with CONFIG_ARM64_BTI_KERNEL faults where an
   * indirect call does not land on `bti`, and functions that are only called directly start without one;
   * `ret` may land anywhere (Arm ARM, PSTATE.BTYPE).
   */
  transfer(): void {
    this.asm.adr(REG.x30, TRANSFER_BYTES);
    this.asm.ret(REG.x16);
  }
}

function reaches(offset: number, bytes: AccessBytes): boolean {
  return offset % bytes === 0 && offset / bytes <= OFFSET_MOST;
}
