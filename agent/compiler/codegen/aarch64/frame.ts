import type { CallTarget, Temp } from '../../ir/index.ts';
import type { CodegenInput, FaultEntry } from '../back-end.ts';
import { type DataLayout, layoutData } from '../data-layout.ts';
import { type Helper, needHelper } from '../helpers.ts';
import { type AccessBytes, Assembler, type Label, REG, type Reg } from './assembler.ts';

/** Code for an end that is rarely reached, kept out of the way: it gives the place, and joins the others. */
interface Stub {
  readonly label: Label;
  readonly place: number;
  readonly join: Label;
}

/** The farthest that an offset reaches in a load or store, in units of what is moved, and in an add. */
const OFFSET_MOST = 4095;

/** Bytes of the two instructions that a call ends with. */
const TRANSFER_BYTES = 8;

/**
 * What the parts of the back end share: the code so far, and where things are. x19 holds the address of `.bss`; x16 and
 * x17 are scratch between any two instructions that the methods here write.
 */
export class Frame {
  readonly asm = new Assembler();
  readonly layout: DataLayout;
  readonly input: CodegenInput;
  /** Every end as FAULTED, or OUT_OF_FUEL, comes here with its place in x0. */
  readonly faulted: Label = this.asm.label();
  readonly outOfFuel: Label = this.asm.label();
  readonly #stubs: Stub[] = [];
  readonly #faults: { readonly at: number; readonly label: Label }[] = [];

  constructor(input: CodegenInput) {
    this.input = input;
    this.layout = layoutData(input.program);
  }

  /** Entries of the exception table, once all labels are placed. */
  get faults(): FaultEntry[] {
    return this.#faults.map(({ at, label }) => ({ at, resumeAt: this.asm.offsetOf(label) }));
  }

  /** Reads `.bss` at `offset`, extended with zeros. */
  load(reg: Reg, offset: number, bytes: AccessBytes = 8): void {
    if (reaches(offset, bytes)) return this.asm.load(reg, REG.x19, offset, bytes);
    this.asm.movImm(REG.x17, BigInt(offset));
    this.asm.loadIndexed(reg, REG.x19, REG.x17, bytes);
  }

  /** Writes `.bss` at `offset`. */
  store(offset: number, reg: Reg, bytes: AccessBytes = 8): void {
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

  /** The address of `.bss` at `offset`. */
  lea(reg: Reg, offset: number): void {
    this.add(reg, REG.x19, offset);
  }

  /** to = from + value. */
  add(to: Reg, from: Reg, value: number): void {
    if (value <= OFFSET_MOST) return this.asm.arithmeticImm('add', to, from, value);
    this.asm.movImm(REG.x17, BigInt(value));
    this.asm.arithmetic('add', to, from, REG.x17);
  }

  loadTemp(reg: Reg, temp: Temp): void {
    this.load(reg, this.layout.temps + temp * 8);
  }

  /** From x0. */
  storeTemp(temp: Temp): void {
    this.store(this.layout.temps + temp * 8, REG.x0);
  }

  /** The address of the program's own memory at `offset`. */
  leaLocal(reg: Reg, offset: number): void {
    this.lea(reg, this.layout.locals + offset);
  }

  /** Calls a function of the kernel. */
  callTarget({ address }: CallTarget): void {
    this.asm.movImm(REG.x16, address);
    this.transfer();
  }

  /**
   * Calls what x16 points to. By `ret` and not `blr`: a kernel with CONFIG_ARM64_BTI_KERNEL faults where an indirect call
   * does not land on `bti`, and functions that are only called directly start without one; `ret` may land anywhere
   * (Arm ARM, PSTATE.BTYPE).
   */
  transfer(): void {
    this.asm.adr(REG.x30, TRANSFER_BYTES);
    this.asm.ret(REG.x16);
  }

  callHelper(helper: Helper): void {
    this.callTarget(needHelper(helper, this.input.findFunction));
  }

  /** A label of code that ends the program at `place`. */
  stub(place: number, join: Label): Label {
    const label = this.asm.label();
    this.#stubs.push({ label, place, join });
    return label;
  }

  /** Ends the program as FAULTED where x0 is not 0. */
  faultUnlessZero(place: number): void {
    this.asm.cbnz(REG.x0, this.stub(place, this.faulted));
  }

  /** Notes, before it is used, the address in the register as what a fault would be at. */
  noteAddress(reg: Reg): void {
    this.store(this.layout.address, reg);
  }

  /** The next instruction may fault; the kernel then goes on at `label`. */
  mayFault(label: Label): void {
    this.#faults.push({ at: this.asm.code.length, label });
  }

  /** Writes the code of all stubs. */
  placeStubs(): void {
    for (const { label, place, join } of this.#stubs) {
      this.asm.place(label);
      this.asm.movImm(REG.x0, BigInt(place));
      this.asm.b(join);
    }
  }
}

function reaches(offset: number, bytes: AccessBytes): boolean {
  return offset % bytes === 0 && offset / bytes <= OFFSET_MOST;
}
