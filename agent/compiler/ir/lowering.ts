import {
  type ArrivalSupport,
  type BitField,
  type DenySupport,
  type Guard,
  type LabelTarget,
  type OldValue,
  type OwnFunction,
  type ReturnLayout,
  type TaskSupport,
  type TypedExpression,
  type Variable,
  whySleeps,
} from '../check/index.ts';
import type { CType, FunctionType } from '../ctype/index.ts';
import type {
  BlockIndex,
  CallTarget,
  CheckIndex,
  End,
  HandlerProgram,
  Instruction,
  LocalOffset,
  LockEvent,
  Temp,
  WriteSite,
} from './blocks/index.ts';
import { IrBuilder, LockKeys } from './blocks/index.ts';
import { roundUp } from './marshalled-layout.ts';
import { WRITE_RECORD } from './record-write.ts';

/** Where `break` and `continue` go. */
export interface LoopExits {
  readonly breakTo: BlockIndex;
  readonly continueTo: BlockIndex | undefined;
  /** How many guards hold their locks there. */
  readonly guards: number;
  readonly continueGuards: number;
}

/** A guard in the IR. */
export interface LoweredGuard {
  readonly guard: Guard;
  /** What it must remember to give the lock back. */
  readonly memory: LocalOffset;
  /** The function of the program that it stands in. */
  readonly within: OwnFunction | undefined;
}

/** What a call or a write in the IR was in the program, for anyone who shows it to people. */
export type SourceConstruct =
  | {
      readonly kind: 'call';
      /** The function by name; the type of the pointer where it is called through one. */
      readonly callee: string | CType;
      readonly argTypes: readonly CType[];
      readonly at: number;
    }
  | {
      readonly kind: 'write';
      readonly type: CType;
      readonly bits: BitField | undefined;
      readonly at: number;
    };

/** A pointer to a function that is called, or passed on. */
export interface CheckedPointer {
  readonly value: Temp;
  readonly prototype: FunctionType;
  readonly mayBeNull: boolean;
  readonly sourceOffset: number;
}

/** A piece of the program's own memory, and what it is there for. */
export interface Region {
  readonly offset: LocalOffset;
  readonly bytes: number;
  /** Of a variable; undefined for what has none. */
  readonly name: string | undefined;
}

/**
 * What a program is lowered for: a module, which holds the tasks that it looks at, or an interpreter, which
 * only reads.
 */
export type LoweringTarget = 'module' | 'interpreter';

/** A function of the program in the IR: there once, however often it is called. */
export interface LoweredFunction {
  readonly own: OwnFunction;
  readonly entry: BlockIndex;
  /** Goes back to where it was called. */
  readonly exit: BlockIndex;
  /** Holds which of `returns` that is. */
  readonly selector: Temp;
  readonly returns: BlockIndex[];
}

/** A probe that is registered where 8 bytes at `registered` are not 0. */
export interface LoweredProbe {
  readonly registered: LocalOffset;
  /** struct kprobe, or struct kretprobe. */
  readonly place: LocalOffset;
  readonly unregister: CallTarget;
  /** Where the module is noted that was kept for it, or 0; and what lets it go. */
  readonly holder?: { readonly at: LocalOffset; readonly put: CallTarget } | undefined;
}

/** What a deny in a module keeps in the memory of the program, beside its probe. */
export interface Arrival {
  readonly support: ArrivalSupport;
  /** struct notifier_block for modules that come, and another for those that go. */
  readonly coming: LocalOffset;
  readonly going: LocalOffset;
  /** The probe as it is given to the kernel, which wants it fresh each time. */
  readonly fresh: LocalOffset;
  /** u64: how many modules came. */
  readonly came: LocalOffset;
}

/** A deny in the IR. */
export interface LoweredDeny {
  readonly probe: LoweredProbe;
  /** See `DENY_STATE`. */
  readonly state: LocalOffset;
  /** Where those of it are that its code changes. */
  readonly placed: LocalOffset;
  readonly error: LocalOffset;
  readonly support: DenySupport;
  /** Of a function of a module. */
  readonly arrival: Arrival | undefined;
  readonly sourceOffset: number;
}

/** What the handler of a watch or deny has in common with its program. */
export interface WatchSharing {
  readonly program: Lowering;
  readonly shared: ReadonlySet<Variable>;
  /** Pieces of the program's own memory that the handler may change. */
  readonly changes: (readonly [offset: LocalOffset, bytes: number])[];
  /** The counts of the watch, by name, in the program's own memory. */
  readonly counts: Readonly<Record<string, LocalOffset>>;
  /** Where returns are watched. */
  readonly returns: ReturnLayout | undefined;
}

/** What the parts of lowering share: the code so far, and where things are. */
export class Lowering {
  readonly builder = new IrBuilder();
  /** Values that updates have found. */
  readonly olds = new Map<OldValue, Temp>();
  /** Loops and switches around the statement; a switch has nowhere to continue where no loop is around it. */
  readonly loops: LoopExits[] = [];
  /** Variables that hold a reference to a task, or 0. */
  readonly holders: Variable[] = [];
  readonly tasks: TaskSupport | undefined;
  readonly target: LoweringTarget;
  /** The handlers of watches so far, in a program. */
  readonly handlers: HandlerProgram[] = [];
  /** Where watches note that their probe is registered, and must be taken out. */
  readonly probes: LoweredProbe[] = [];
  /** Probes that stay where the program comes to its end. */
  readonly denies: LoweredDeny[] = [];
  /** Which handler does nothing, once there is one. */
  emptyHandler: number | undefined;
  /** Of a handler: the program that it belongs to. */
  readonly watch: WatchSharing | undefined;
  /** Kept for the interpreter only. */
  readonly constructs = new Map<Instruction, SourceConstruct>();
  readonly regions: Region[] = [];
  /** Pointers that must be checked, in the order of their {@link CheckIndex}. */
  readonly checkedPointers: CheckedPointer[] = [];
  /** Functions that are called, in the order of their first call. */
  readonly functions: LoweredFunction[] = [];
  /** Where each block goes on that calls one. */
  readonly callNext = new Map<BlockIndex, BlockIndex>();
  /** Guards whose locks are held at what is lowered now, the innermost last. */
  readonly guards: LoweredGuard[] = [];
  /** All guards that the clean-up may have to give back, in the order of the text. */
  readonly allGuards: LoweredGuard[] = [];
  /** Where the program writes to kernel memory, in the order in which that was lowered. */
  readonly writes: WriteSite[] = [];
  /** The number of the first of these among the rows. */
  readonly firstWriteSite: number;
  /** The function of the program that is lowered now. */
  within: OwnFunction | undefined;
  /**
   * What happens to locks, and what may sleep, by marks in the IR. A program for the interpreter has none.
   */
  readonly lockEvents = new Map<Instruction, LockEvent>();
  readonly lockKeys = new LockKeys();
  readonly #functionOf = new Map<OwnFunction, LoweredFunction>();
  readonly #labels = new Map<LabelTarget, BlockIndex>();
  readonly #bound = new Set<LabelTarget>();
  readonly #offsets = new Map<Variable, LocalOffset>();
  #localBytes = 0;
  #rcuDepth: LocalOffset | undefined;
  #namespace: LocalOffset | undefined;
  #stays: LocalOffset | undefined;
  #hasUnrecorded = false;
  #writeLog: { readonly count: LocalOffset; readonly record: LocalOffset } | undefined;

  constructor(
    tasks: TaskSupport | undefined,
    target: LoweringTarget,
    { watch, reports = 0 }: { readonly watch?: WatchSharing; readonly reports?: number } = {},
  ) {
    this.tasks = tasks;
    this.firstWriteSite = reports;
    this.target = target;
    this.watch = watch;
  }

  get localBytes(): number {
    return this.#localBytes;
  }

  /** Where the count of held RCU read sections is; undefined where the program has held none yet. */
  get rcuDepth(): LocalOffset | undefined {
    return this.#rcuDepth;
  }

  /** The same, made where there is none. Behind it is room for a lock. */
  needRcuDepth(): LocalOffset {
    this.#rcuDepth ??= this.allocate(16);
    return this.#rcuDepth;
  }

  /** Where the program keeps the address of the first PID namespace, or 0. */
  needNamespace(): LocalOffset {
    this.#namespace ??= this.allocate(8);
    return this.#namespace;
  }

  /** Where the program notes that its module stays in the kernel. */
  needStays(): LocalOffset {
    this.#stays ??= this.allocate(8);
    return this.#stays;
  }

  /** Notes that the program has a write which is not recorded. */
  noteUnrecorded(): void {
    this.#hasUnrecorded = true;
  }

  /** Whether the program has a write that is never recorded. */
  get hasUnrecorded(): boolean {
    return this.#hasUnrecorded;
  }

  /** Where the program counts the writes that it has recorded, and where it makes a record. */
  needWriteLog(): { readonly count: LocalOffset; readonly record: LocalOffset } {
    this.#writeLog ??= { count: this.allocate(8), record: this.allocate(WRITE_RECORD.BYTES) };
    return this.#writeLog;
  }

  /** The function in the IR; made, but not lowered, by its first call. */
  functionOf(own: OwnFunction): LoweredFunction {
    const known = this.#functionOf.get(own);
    if (known) return known;
    const { builder } = this;
    const made: LoweredFunction = {
      own,
      entry: builder.block(),
      exit: builder.block(),
      selector: builder.temp(),
      returns: [],
    };
    this.#functionOf.set(own, made);
    this.functions.push(made);
    return made;
  }

  /** The block that a label starts. */
  blockOf(label: LabelTarget): BlockIndex {
    let block = this.#labels.get(label);
    if (block === undefined) {
      block = this.builder.block();
      this.#labels.set(label, block);
    }
    return block;
  }

  /** The label lies here. */
  bind(label: LabelTarget): void {
    this.#bound.add(label);
    this.builder.jumpInto(this.blockOf(label));
  }

  /** Whether the label lies before what is lowered now, so that going there may go round forever. */
  isBound(label: LabelTarget): boolean {
    return this.#bound.has(label);
  }

  /** Room in the program's own memory; structures may ask for an alignment of 16. */
  allocate(bytes: number, name?: string): LocalOffset {
    const offset = this.#localBytes;
    this.regions.push({ offset, bytes, name });
    this.#localBytes += roundUp(Math.max(bytes, 1), 16);
    return offset;
  }

  /** Where the variable is. */
  offsetOf(variable: Variable): LocalOffset {
    let offset = this.#offsets.get(variable);
    if (offset === undefined) {
      offset = this.allocate(variable.sizeBytes, variable.name);
      this.#offsets.set(variable, offset);
    }
    return offset;
  }

  /** Appends an instruction that is a call or a write of the program's own. */
  emitAt(construct: SourceConstruct, instruction: Instruction): void {
    this.builder.emit(instruction);
    if (this.target === 'interpreter') this.constructs.set(instruction, construct);
  }

  /** A call of a function of the kernel with scalar arguments; its result is 64 bits as they come. */
  call(target: CallTarget, args: readonly Temp[]): Temp {
    const to = this.builder.temp();
    const { name, address } = target;
    const made = { block: undefined, check: undefined, ofProgram: false } as const;
    this.builder.emit({ op: 'call', to, target: { name, address }, args, ...made });
    return to;
  }

  /** A check for a pointer; what it permits is found when the whole program is known. */
  checkPointer(pointer: CheckedPointer): CheckIndex {
    return this.checkedPointers.push(pointer) - 1;
  }

  /** The exits of a loop that begins here. */
  loopExits(breakTo: BlockIndex, continueTo: BlockIndex | undefined): LoopExits {
    const guards = this.guards.length;
    return { breakTo, continueTo, guards, continueGuards: guards };
  }

  /** Notes what happens here. */
  mark(event: LockEvent): undefined {
    if (this.target === 'interpreter') return;
    const marker: Instruction = { op: 'const', to: this.builder.temp(), value: 0n };
    this.builder.emit(marker);
    this.lockEvents.set(marker, event);
  }

  /** Notes that a function may sleep here, if it is known to. */
  markSleeping(name: string, at: number): void {
    const reason = whySleeps(name);
    if (reason !== undefined) this.mark({ kind: 'sleeps', name, reason, at });
  }

  /** Equal for locks that are the same, as far as the text tells. */
  sameLock(family: string | undefined, argument: TypedExpression | undefined): string | undefined {
    return family === undefined ? undefined : `${family} ${argument ? this.lockKeys.of(argument) : ''}`;
  }

  /** How many functions of the program at most lie between it and each function. */
  depths(): ReadonlyMap<OwnFunction, number> {
    const depths = new Map<OwnFunction, number>(this.functions.map(({ own }) => [own, 0]));
    const callers = new Map<OwnFunction, number>();
    for (const { own } of this.functions)
      for (const { callee } of own.calls) callers.set(callee, (callers.get(callee) ?? 0) + 1);
    const todo = [...depths.keys()].filter(own => !callers.has(own));
    for (let own = todo.pop(); own; own = todo.pop())
      for (const { callee } of own.calls) {
        depths.set(callee, Math.max(depths.get(callee) ?? 0, depths.get(own)! + 1));
        const left = callers.get(callee)! - 1;
        callers.set(callee, left);
        if (left === 0) todo.push(callee);
      }
    return depths;
  }

  /** Ends the program where `condition` is 0, and goes on where it is not. */
  endUnless(condition: Temp, end: End, sourceOffset: number): void {
    const [fine, ended] = [this.builder.block(), this.builder.block()];
    this.builder.terminate({ op: 'branch', condition, then: fine, otherwise: ended });
    this.builder.enter(ended);
    this.builder.terminate({ op: 'end', end, sourceOffset });
    this.builder.enter(fine);
  }
}
