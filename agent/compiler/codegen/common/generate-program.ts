import {
  END,
  type HandlerProgram,
  type Instruction,
  type IrOperator,
  type IrProgram,
  type Terminator,
} from '../../ir/index.ts';
import { HANDLER_GAP_BYTES, type MachineCode } from './back-end.ts';
import { initialWords, RESULT_HEADER, RESULT_HEADER_BYTES } from './data-layout.ts';
import { emitRead, emitReadBlock, emitReadString, emitWrite, emitWriteBlock } from './kernel-memory.ts';
import type { CodeLabel, LabelledCode } from './labelled-code.ts';
import type { MachineFrame } from './machine-frame.ts';
import { emitPointerCheck } from './pointer-check.ts';

type Of<K extends Instruction['op']> = Extract<Instruction, { op: K }>;

/** Instructions that only put a value into a temporary. */
type Computation = Of<
  | ('const' | 'data' | 'copy' | 'binary' | 'extend' | 'local' | 'load')
  | ('handler' | 'shared' | 'area' | 'load-at' | 'add-at' | 'current' | 'returned')
  | ('instance' | 'registers' | 'third')
>;

/** What each CPU does in its own way. Values come and go in the accumulator unless something else is said. */
export interface Emitters<StackFrame> {
  /** Up to the moment at which the register for `.bss` holds its address. */
  prologue(frame: StackFrame, program: IrProgram): void;
  /** Returns from init with the accumulator. */
  epilogue(frame: StackFrame): void;
  /** accumulator = accumulator operator other. */
  operator(frame: StackFrame, operator: IrOperator): void;
  /** Widens the lowest bits of the accumulator to all of it. */
  extend(frame: StackFrame, instruction: Of<'extend'>): void;
  load(frame: StackFrame, instruction: Of<'load'>): void;
  store(frame: StackFrame, instruction: Of<'store'>): void;
  move(frame: StackFrame, instruction: Of<'move'>): void;
  zero(frame: StackFrame, instruction: Of<'zero'>): void;
  exchange(frame: StackFrame, instruction: Of<'exchange'>): void;
  call(frame: StackFrame, instruction: Of<'call'>): void;
  resultBlock(frame: StackFrame, instruction: Of<'result-block'>): void;
  row(frame: StackFrame, instruction: Of<'row'>): void;
  fuel(frame: StackFrame, instruction: Of<'fuel'>): void;
  /**
   * Of `int handler(struct kprobe *, struct pt_regs *)` or `int handler(struct kretprobe_instance *, struct
   * pt_regs *)`, up to the moment at which the register for `.bss` holds the address of its own memory on the
   * stack, and both arguments are kept.
   */
  handlerPrologue(frame: StackFrame, program: Omit<HandlerProgram, 'kind'>): void;
  loadAt(frame: StackFrame, instruction: Of<'load-at'>): void;
  storeAt(frame: StackFrame, instruction: Of<'store-at'>): void;
  addAt(frame: StackFrame, instruction: Of<'add-at'>): void;
  current(frame: StackFrame, instruction: Of<'current'>): void;
  parameters(frame: StackFrame, instruction: Of<'parameters'>): void;
  returned(frame: StackFrame): void;
  divert(frame: StackFrame, instruction: Of<'divert'>): void;
}

/**
 * -EINPROGRESS: the kernel takes a negative answer of init as failure, and frees the module
 * (kernel/module/main.c, v6.12).
 */
const EINPROGRESS = 115n;

/**
 * The code of a whole program: one walk over the IR, the same for every CPU. Naive on purpose: it runs once.
 */
export function generateProgram<Reg, StackFrame extends MachineFrame<LabelledCode, Reg>>(
  frame: StackFrame,
  emitters: Emitters<StackFrame>,
): MachineCode {
  const { handlers, data, resident } = frame.input.program;
  const labels = handlers.map(() => frame.asm.label());
  const bytes = [...data];
  const walks = [new Walk<Reg, StackFrame>(frame, emitters, { labels, dataStart: 0 })];
  for (const handler of handlers) {
    while (bytes.length % 8 > 0) bytes.push(0);
    const own = frame.forHandler(handler) as StackFrame;
    walks.push(new Walk<Reg, StackFrame>(own, emitters, { labels, dataStart: bytes.length }));
    bytes.push(...handler.data);
  }
  for (const [index, walk] of walks.entries()) {
    if (index > 0) {
      frame.asm.code.zeros(HANDLER_GAP_BYTES);
      frame.asm.bind(labels[index - 1]!);
    }
    walk.generate();
  }
  frame.asm.resolveJumps();
  return {
    text: frame.asm.code.finish(),
    data: Uint8Array.from(bytes),
    zeroBytes: frame.main.sizeBytes,
    relocations: frame.asm.relocations,
    targets: frame.targets,
    faults: walks.flatMap(walk => walk.faults),
    handlers: handlers.map(({ kind }, index) => ({ at: frame.asm.offsetOf(labels[index]!), kind })),
    exit: resident && frame.asm.offsetOf(labels[resident.exit]!),
  };
}

/** What the walks over a program and its handlers have in common. */
interface Placement {
  /** Of the handlers. */
  readonly labels: readonly CodeLabel[];
  /** Where the constants are that belong to what is walked over. */
  readonly dataStart: number;
}

/** One walk: over a program, or over one of its handlers, whose every end is to return 0. */
class Walk<Reg, StackFrame extends MachineFrame<LabelledCode, Reg>> {
  readonly #program: IrProgram | HandlerProgram;
  readonly #placement: Placement;
  readonly #frame: StackFrame;
  readonly #emit: Emitters<StackFrame>;
  readonly #blocks: readonly CodeLabel[];
  readonly #epilogue: CodeLabel;
  /** Where every end goes: the clean-up of the program, if it has one. */
  readonly #exit: CodeLabel;

  constructor(frame: StackFrame, emitters: Emitters<StackFrame>, placement: Placement) {
    this.#program = frame.program;
    this.#placement = placement;
    this.#frame = frame;
    this.#emit = emitters;
    this.#blocks = this.#program.blocks.map(() => frame.asm.label());
    this.#epilogue = frame.asm.label();
    const { cleanup } = this.#program;
    this.#exit = cleanup === undefined ? this.#epilogue : this.#blocks[cleanup]!;
  }

  get faults(): MachineCode['faults'] {
    return this.#frame.faults;
  }

  generate(): void {
    const frame = this.#frame;
    this.#begin();
    for (const [index, { instructions, terminator }] of this.#program.blocks.entries()) {
      frame.asm.bind(this.#blocks[index]!);
      for (const instruction of instructions) this.#instruction(instruction);
      this.#terminator(terminator);
    }
    this.#rareEnds();
    this.#finish();
  }

  get #isHandler(): boolean {
    return this.#frame.handlerLayout !== undefined;
  }

  #begin(): void {
    const frame = this.#frame;
    const { program } = frame.input;
    if (this.#isHandler) this.#emit.handlerPrologue(frame, this.#program);
    else this.#emit.prologue(frame, program);
    const words = this.#isHandler
      ? [{ offset: frame.layout.fuel, value: BigInt(this.#program.fuel) }]
      : initialWords(program, frame.main);
    for (const { offset, value } of words) {
      frame.imm(frame.roles.accumulator, value);
      frame.store(offset, frame.roles.accumulator);
    }
  }

  #instruction(instruction: Instruction): void {
    const [frame, emit] = [this.#frame, this.#emit];
    const { accumulator, other } = frame.roles;
    switch (instruction.op) {
      case 'store-at':
        return emit.storeAt(frame, instruction);
      case 'parameters':
        return emit.parameters(frame, instruction);
      case 'divert':
        return emit.divert(frame, instruction);
      case 'store':
        frame.loadTemp(accumulator, instruction.from);
        return emit.store(frame, instruction);
      case 'move':
        return emit.move(frame, instruction);
      case 'zero':
        return emit.zero(frame, instruction);
      case 'read':
        return emitRead(frame, instruction);
      case 'write':
        return emitWrite(frame, instruction);
      case 'read-block':
        return emitReadBlock(frame, instruction);
      case 'write-block':
        return emitWriteBlock(frame, instruction);
      case 'read-string':
        emit.zero(frame, { op: 'zero', offset: instruction.to + 8, bytes: instruction.bytes });
        return emitReadString(frame, instruction);
      case 'exchange':
        return emit.exchange(frame, instruction);
      case 'call':
        return emit.call(frame, instruction);
      case 'check-pointer':
        frame.loadTemp(other, instruction.value);
        return emitPointerCheck(frame, other, frame.checkOf(instruction.check));
      case 'symbol-name':
      case 'watch':
      case 'next-task':
        throw new Error(`${instruction.op} is for the interpreter: a module does it by other instructions`);
      case 'result':
        frame.loadTemp(accumulator, instruction.from);
        return frame.store(RESULT_HEADER_BYTES + instruction.offset, accumulator);
      case 'result-block':
        return emit.resultBlock(frame, instruction);
      case 'row':
        return emit.row(frame, instruction);
      case 'fuel':
        return emit.fuel(frame, instruction);
      default:
        if (frame.madeAgain.has(instruction.to)) return;
        this.#compute(instruction);
        return frame.storeTemp(instruction.to);
    }
  }

  /** Leaves what the instruction computes in the accumulator. */
  #compute(instruction: Computation): void {
    const frame = this.#frame;
    const emit = this.#emit;
    const { accumulator, other } = frame.roles;
    switch (instruction.op) {
      case 'const':
        return frame.imm(accumulator, instruction.value);
      case 'data':
        return frame.leaData(accumulator, this.#placement.dataStart + instruction.offset);
      case 'copy':
        return frame.loadTemp(accumulator, instruction.from);
      case 'binary':
        frame.loadTemp(accumulator, instruction.left);
        frame.loadTemp(other, instruction.right);
        return emit.operator(frame, instruction.operator);
      case 'extend':
        frame.loadTemp(accumulator, instruction.from);
        return emit.extend(frame, instruction);
      case 'local':
        return frame.leaLocal(accumulator, instruction.offset);
      case 'load':
        return emit.load(frame, instruction);
      case 'handler':
        return frame.leaLabel(accumulator, this.#placement.labels[instruction.handler]!);
      case 'shared':
        return frame.leaMain(accumulator, frame.main.locals + instruction.offset);
      case 'area':
        return this.#area(instruction);
      case 'load-at':
        return emit.loadAt(frame, instruction);
      case 'add-at':
        return emit.addAt(frame, instruction);
      case 'current':
        return emit.current(frame, instruction);
      case 'returned':
        return emit.returned(frame);
      case 'instance':
        return frame.load(accumulator, frame.handlerLayout!.instance);
      case 'registers':
        return frame.load(accumulator, frame.handlerLayout!.registers);
      case 'third':
        return frame.load(accumulator, frame.handlerLayout!.third!);
    }
  }

  #area({ what }: Of<'area'>): void {
    const frame = this.#frame;
    const { accumulator } = frame.roles;
    if (what === 'size') return frame.imm(accumulator, BigInt(frame.main.resultBytes));
    const offsets = { start: 0, used: RESULT_HEADER.USED, dropped: RESULT_HEADER.DROPPED };
    frame.leaMain(accumulator, offsets[what]);
  }

  #terminator(terminator: Terminator): void {
    const frame = this.#frame;
    const { accumulator } = frame.roles;
    switch (terminator.op) {
      case 'jump':
        return frame.jump(this.#blocks[terminator.target]!);
      case 'branch':
        frame.loadTemp(accumulator, terminator.condition);
        frame.jumpUnlessZero(accumulator, this.#blocks[terminator.then]!);
        return frame.jump(this.#blocks[terminator.otherwise]!);
      case 'end':
        if (terminator.detail !== undefined && !this.#isHandler) {
          frame.loadTemp(accumulator, terminator.detail);
          frame.store(RESULT_HEADER.FAULT, accumulator);
        }
        frame.imm(accumulator, BigInt(terminator.sourceOffset));
        return this.#end(terminator.end);
      case 'fault':
        frame.loadTemp(accumulator, terminator.address);
        frame.recordAddress(accumulator);
        frame.imm(accumulator, BigInt(terminator.sourceOffset));
        return frame.jump(frame.faulted);
      case 'leave':
        if (!terminator.isDiverted) return frame.jump(this.#epilogue);
        frame.imm(accumulator, 1n);
        return this.#emit.epilogue(frame);
    }
  }

  /** Ends the program; the accumulator holds the source offset. A handler's clean-up counts the run. */
  #end(end: number): void {
    const frame = this.#frame;
    if (this.#isHandler) return frame.jump(this.#exit);
    const { accumulator } = frame.roles;
    frame.store(RESULT_HEADER.SOURCE_OFFSET, accumulator);
    frame.imm(accumulator, BigInt(end));
    frame.store(RESULT_HEADER.END, accumulator);
    frame.jump(this.#exit);
  }

  #rareEnds(): void {
    const frame = this.#frame;
    const { other } = frame.roles;
    frame.bindStubs();
    for (const [label, end] of [
      [frame.faulted, END.FAULTED],
      [frame.refused, END.REFUSED],
      [frame.refusedLate, END.REFUSED_LATE],
    ] as const) {
      frame.asm.bind(label);
      if (!this.#isHandler) {
        frame.load(other, frame.layout.address);
        frame.store(RESULT_HEADER.FAULT, other);
      }
      this.#end(end);
    }
    frame.asm.bind(frame.outOfFuel);
    this.#end(END.OUT_OF_FUEL);
  }

  /** 0 from init keeps the module in the kernel. */
  #stay(): void {
    const { resident } = this.#frame.input.program;
    if (!resident) return;
    const frame = this.#frame;
    const { accumulator, other } = frame.roles;
    const [stays, goes] = [frame.asm.label(), frame.asm.label()];
    frame.load(other, frame.layout.locals + resident.stays);
    frame.jumpUnlessZero(other, stays);
    frame.jump(goes);
    frame.asm.bind(stays);
    frame.imm(accumulator, 0n);
    this.#emit.epilogue(frame);
    frame.asm.bind(goes);
  }

  /** Brings what is used of the result area to the loader; a handler lets the function go on. */
  #finish(): void {
    const frame = this.#frame;
    const { accumulator, args, bss } = frame.roles;
    const [target, source, size] = args;
    frame.asm.bind(this.#epilogue);
    if (this.#isHandler) {
      frame.imm(accumulator, 0n);
      return this.#emit.epilogue(frame);
    }
    frame.imm(target, frame.input.userAddress);
    frame.move(source, bss);
    frame.load(size, RESULT_HEADER.USED);
    frame.callHelper('copyToUser');
    this.#stay();
    frame.imm(accumulator, -EINPROGRESS);
    this.#emit.epilogue(frame);
  }
}
