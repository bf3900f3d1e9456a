import type {
  CallTarget,
  CheckIndex,
  HandlerProgram,
  IrProgram,
  PointerCheck,
  Temp,
} from '../../ir/index.ts';
import type { CodegenInput, FaultEntry } from './back-end.ts';
import { type DataLayout, type HandlerLayout, layoutData, layoutHandler } from './data-layout.ts';
import { type Helper, needHelper } from './helpers.ts';
import type { CodeLabel, LabelledCode } from './labelled-code.ts';
import { type MadeAgain, madeAgain } from './made-again.ts';

/** Which registers of a CPU do what in generated code. */
export interface RegisterRoles<Reg> {
  /** Where values are computed, and where functions leave theirs. */
  readonly accumulator: Reg;
  /** The right side of an operator. */
  readonly other: Reg;
  /** The first three arguments of a function. */
  readonly args: readonly [Reg, Reg, Reg];
  /** Holds the address of `.bss` throughout. */
  readonly bss: Reg;
}

/** Out-of-line code for a rare end: it loads the source offset and joins the others. */
interface Stub {
  readonly label: CodeLabel;
  readonly sourceOffset: number;
  readonly join: CodeLabel;
}

/**
 * What the parts of a back end share: the code so far, where things are, and the few moves that every CPU
 * has.
 */
export abstract class MachineFrame<Code extends LabelledCode, Reg> {
  readonly asm: Code;
  readonly roles: RegisterRoles<Reg>;
  readonly input: CodegenInput;
  /** What the code is generated for: the program, or one of its handlers. */
  readonly program: IrProgram | HandlerProgram;
  /** Where it has its own things, from the address in the register `bss` on. */
  readonly layout: Omit<DataLayout, 'resultBytes'>;
  /** Of a handler: the same. */
  readonly handlerLayout: HandlerLayout | undefined;
  /** Of a handler: temporaries that are made where they are used, and kept nowhere. */
  readonly madeAgain: ReadonlyMap<Temp, MadeAgain>;
  /** Where the program has its things in `.bss`. */
  readonly main: DataLayout;
  /** Every end as FAULTED, or OUT_OF_FUEL, comes here with its source offset in the accumulator. */
  readonly faulted: CodeLabel;
  readonly outOfFuel: CodeLabel;
  /** Every end as REFUSED or REFUSED_LATE comes here, likewise. */
  readonly refused: CodeLabel;
  readonly refusedLate: CodeLabel;
  readonly #stubs: Stub[] = [];
  readonly #faults: { readonly at: number; readonly label: CodeLabel }[] = [];

  constructor(asm: Code, roles: RegisterRoles<Reg>, input: CodegenInput, handler?: HandlerProgram) {
    this.asm = asm;
    this.roles = roles;
    this.input = input;
    this.program = handler ?? input.program;
    this.main = layoutData(input.program);
    this.handlerLayout = handler && layoutHandler(handler);
    this.layout = this.handlerLayout ?? this.main;
    this.madeAgain = handler ? madeAgain(handler) : new Map();
    this.faulted = asm.label();
    this.outOfFuel = asm.label();
    this.refused = asm.label();
    this.refusedLate = asm.label();
  }

  abstract imm(reg: Reg, value: bigint): void;
  abstract move(to: Reg, from: Reg): void;
  /** A frame for the code of a handler, which follows in the same text. */
  abstract forHandler(handler: HandlerProgram): MachineFrame<Code, Reg>;
  /** The address of `label`. */
  abstract leaLabel(reg: Reg, label: CodeLabel): void;
  /** The address of the program's `.bss` at `offset`, wherever the register for it points. */
  abstract leaMain(reg: Reg, offset: number): void;
  /** Reads 8 bytes of `.bss`. */
  abstract load(reg: Reg, offset: number): void;
  /** Writes 8 bytes of `.bss`. */
  abstract store(offset: number, reg: Reg): void;
  /** The address of `.bss` at `offset`. */
  abstract lea(reg: Reg, offset: number): void;
  /** The address of `.data` at `offset`. */
  abstract leaData(reg: Reg, offset: number): void;
  abstract add(reg: Reg, value: number): void;
  abstract jump(label: CodeLabel): void;
  /** Compares the register with the address, as unsigned numbers; may change the accumulator. */
  abstract compareAddress(reg: Reg, address: bigint): void;
  /** By the comparison right before. */
  abstract jumpIf(relation: 'equal' | 'below', label: CodeLabel): void;
  abstract jumpUnlessZero(reg: Reg, label: CodeLabel): void;
  /** Calls a function of the kernel. */
  abstract callTarget(target: CallTarget): void;
  /** Functions that `call` relocations name. */
  abstract get targets(): readonly CallTarget[];

  /** Entries of the exception table, once all labels are bound. */
  get faults(): FaultEntry[] {
    return this.#faults.map(({ at, label }) => ({ at, resumeAt: this.asm.offsetOf(label) }));
  }

  /** Where a temporary is. */
  offsetOf(temp: Temp): number {
    return this.layout.temps + (this.handlerLayout?.slots[temp] ?? temp) * 8;
  }

  loadTemp(reg: Reg, temp: Temp): void {
    const made = this.madeAgain.get(temp);
    if (!made) return this.load(reg, this.offsetOf(temp));
    if (made.op === 'const') return this.imm(reg, made.value);
    this.leaMain(reg, this.main.locals + made.offset);
  }

  /** From the accumulator. */
  storeTemp(temp: Temp): void {
    this.store(this.offsetOf(temp), this.roles.accumulator);
  }

  /** The address of the program's own memory at `offset`. */
  leaLocal(reg: Reg, offset: number): void {
    this.lea(reg, this.layout.locals + offset);
  }

  /** The check of a pointer. Throws where there is none: nothing calls a pointer unchecked. */
  checkOf(index: CheckIndex | undefined): PointerCheck {
    const check = index === undefined ? undefined : this.input.program.pointerChecks[index];
    if (!check) throw new Error('a call through a pointer has no check');
    return check;
  }

  callHelper(helper: Helper): void {
    this.callTarget(needHelper(helper, this.input.findFunction));
  }

  /** A label of code that ends the program with `sourceOffset`. */
  stub(sourceOffset: number, join: CodeLabel): CodeLabel {
    const label = this.asm.label();
    this.#stubs.push({ label, sourceOffset, join });
    return label;
  }

  /** Ends the program as FAULTED where the accumulator is not 0. */
  faultUnlessZero(sourceOffset: number): void {
    this.jumpUnlessZero(this.roles.accumulator, this.stub(sourceOffset, this.faulted));
  }

  /** Notes, before it is used, the address in the register as what a fault would be at. */
  recordAddress(reg: Reg): void {
    this.store(this.layout.address, reg);
  }

  /** The next instruction may fault; the kernel then goes on at `label`. */
  mayFault(label: CodeLabel): void {
    this.#faults.push({ at: this.asm.code.length, label });
  }

  /** Writes the code of all stubs. */
  bindStubs(): void {
    for (const { label, sourceOffset, join } of this.#stubs) {
      this.asm.bind(label);
      this.imm(this.roles.accumulator, BigInt(sourceOffset));
      this.jump(join);
    }
  }
}
