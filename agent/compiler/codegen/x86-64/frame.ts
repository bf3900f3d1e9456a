import type { CallTarget, Temp } from '../../ir/index.ts';
import type { CodegenInput, FaultEntry } from '../back-end.ts';
import { type DataLayout, layoutData } from '../data-layout.ts';
import { type Helper, needHelper } from '../helpers.ts';
import { Assembler, CC, type Label, REG, type Reg } from './assembler.ts';

/** Names of symbols that every module has itself (include/linux/module.h, v6.12): no function may take their place. */
const OWN_SYMBOLS = new Set(['init_module', 'cleanup_module', '__this_module']);

/** Code for an end that is rarely reached, kept out of the way: it gives the place, and joins the others. */
interface Stub {
  readonly label: Label;
  readonly place: number;
  readonly join: Label;
}

/** What the parts of the back end share: the code so far, and where things are. %rbx holds the address of `.bss`. */
export class Frame {
  readonly asm = new Assembler();
  readonly layout: DataLayout;
  readonly input: CodegenInput;
  /** Every end as FAULTED, or OUT_OF_FUEL, comes here with its place in %rax. */
  readonly faulted: Label = this.asm.label();
  readonly outOfFuel: Label = this.asm.label();
  readonly #targets = new Map<string, CallTarget>();
  readonly #stubs: Stub[] = [];
  readonly #faults: { readonly at: number; readonly label: Label }[] = [];

  constructor(input: CodegenInput) {
    this.input = input;
    this.layout = layoutData(input.program);
  }

  /** Functions that have been called. */
  get targets(): readonly CallTarget[] {
    return [...this.#targets.values()];
  }

  /** Entries of the exception table, once all labels are placed. */
  get faults(): FaultEntry[] {
    return this.#faults.map(({ at, label }) => ({ at, resumeAt: this.asm.offsetOf(label) }));
  }

  loadTemp(reg: Reg, temp: Temp): void {
    this.asm.load(reg, REG.rbx, this.layout.temps + temp * 8);
  }

  /** From %rax. */
  storeTemp(temp: Temp): void {
    this.asm.store(REG.rbx, this.layout.temps + temp * 8, REG.rax);
  }

  /** The address of the program's own memory at `offset`. */
  leaLocal(reg: Reg, offset: number): void {
    this.asm.lea(reg, REG.rbx, this.layout.locals + offset);
  }

  /** Two modules may have functions of one name, or of a name that ours needs: their symbols carry their address. */
  callTarget({ name, address }: CallTarget): void {
    const known = this.#targets.get(name);
    const isOther = OWN_SYMBOLS.has(name) || (known !== undefined && known.address !== address);
    const symbol = isOther ? `${name}.${address.toString(16)}` : name;
    this.#targets.set(symbol, { name: symbol, address });
    this.asm.callSymbol(symbol);
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

  /** Ends the program as FAULTED where %rax is not 0. */
  faultUnlessZero(place: number): void {
    this.asm.test(REG.rax);
    this.asm.jcc(CC.ne, this.stub(place, this.faulted));
  }

  /** Notes, before it is used, the address in the register as what a fault would be at. */
  noteAddress(reg: Reg): void {
    this.asm.store(REG.rbx, this.layout.address, reg);
  }

  /** The next instruction may fault; the kernel then goes on at `label`. */
  mayFault(label: Label): void {
    this.#faults.push({ at: this.asm.code.length, label });
  }

  /** Writes the code of all stubs. */
  placeStubs(): void {
    for (const { label, place, join } of this.#stubs) {
      this.asm.place(label);
      this.asm.movImm(REG.rax, BigInt(place));
      this.asm.jmp(join);
    }
  }
}
