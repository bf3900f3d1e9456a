import type { CallTarget, HandlerProgram } from '../../ir/index.ts';
import type { CodegenInput, CodeLabel } from '../common/index.ts';
import { MachineFrame } from '../common/index.ts';
import { Assembler, CC, REG, type Reg } from './assembler.ts';

/**
 * Names of symbols that every module has itself (include/linux/module.h, v6.12): no function may take their
 * place.
 */
const MODULE_SYMBOLS = new Set(['init_module', 'cleanup_module', '__this_module']);

const ROLES = {
  accumulator: REG.rax,
  other: REG.rcx,
  args: [REG.rdi, REG.rsi, REG.rdx],
  bss: REG.rbx,
} as const;

/** The frame of x86-64. */
export class StackFrame extends MachineFrame<Assembler, Reg> {
  readonly #targets: Map<string, CallTarget>;

  /** With `of`, a frame for a handler, in the text of that one. */
  constructor(input: CodegenInput, of?: { readonly frame: StackFrame; readonly handler: HandlerProgram }) {
    super(of?.frame.asm ?? new Assembler(), ROLES, input, of?.handler);
    this.#targets = of ? of.frame.#targets : new Map();
  }

  override forHandler(handler: HandlerProgram): StackFrame {
    return new StackFrame(this.input, { frame: this, handler });
  }

  override leaLabel(reg: Reg, label: CodeLabel): void {
    this.asm.leaLabel(reg, label);
  }

  override leaMain(reg: Reg, offset: number): void {
    this.asm.leaSection(reg, '.bss', offset);
  }

  override get targets(): readonly CallTarget[] {
    return [...this.#targets.values()];
  }

  override imm(reg: Reg, value: bigint): void {
    this.asm.movImm(reg, value);
  }

  override move(to: Reg, from: Reg): void {
    this.asm.movRegReg(to, from);
  }

  override load(reg: Reg, offset: number): void {
    this.asm.load(reg, REG.rbx, offset);
  }

  override store(offset: number, reg: Reg): void {
    this.asm.store(REG.rbx, offset, reg);
  }

  override lea(reg: Reg, offset: number): void {
    this.asm.lea(reg, REG.rbx, offset);
  }

  override leaData(reg: Reg, offset: number): void {
    this.asm.leaSection(reg, '.data', offset);
  }

  override add(reg: Reg, value: number): void {
    this.asm.arithmeticImm('add', reg, value);
  }

  override jump(label: CodeLabel): void {
    this.asm.jmp(label);
  }

  override compareAddress(reg: Reg, address: bigint): void {
    const signed = BigInt.asIntN(64, address);
    if (signed === BigInt.asIntN(32, signed)) return this.asm.arithmeticImm('cmp', reg, Number(signed));
    this.asm.movImm(REG.rax, address);
    this.asm.arithmetic('cmp', reg, REG.rax);
  }

  override jumpIf(relation: 'equal' | 'below', label: CodeLabel): void {
    this.asm.jcc(relation === 'equal' ? CC.e : CC.b, label);
  }

  override jumpUnlessZero(reg: Reg, label: CodeLabel): void {
    this.asm.test(reg);
    this.asm.jcc(CC.ne, label);
  }

  /**
   * Two modules may have functions of one name, or of a name that ours needs: their symbols carry their
   * address.
   */
  override callTarget({ name, address }: CallTarget): void {
    const known = this.#targets.get(name);
    const isOther = MODULE_SYMBOLS.has(name) || (known !== undefined && known.address !== address);
    const symbol = isOther ? `${name}.${address.toString(16)}` : name;
    this.#targets.set(symbol, { name: symbol, address });
    this.asm.callSymbol(symbol);
  }
}
