import {
  costOf,
  type Execute,
  hasSideEffect,
  Machine,
  type Memory,
  type ProgramStop,
  type SideEffect,
} from '../interpreter/index.ts';
import type { LoweredForPlan } from '../ir/index.ts';
import { END, type Instruction, type Terminator } from '../ir/index.ts';
import { OverlayMemory } from './overlay.ts';
import type { PlanStep } from './plan.ts';
import { planCall } from './plan-call.ts';
import { planWrite } from './plan-write.ts';
import { type ShowContext, showLocation } from './show.ts';
import { Taint, type TaintLabel } from './taint.ts';

/** Steps that are listed; more are counted. */
const STEPS_LIMIT = 200;

/**
 * Steps between two yields: each may read a page, and all together should take no more than some
 * milliseconds.
 */
const STEPS_PER_TURN = 512;

/** Calls that can be told apart as what something depends on; beyond, all are the last one. */
const TAINT_LABELS_LIMIT = 0xffff;

/** More rows than this find no room in any result area. */
const ROWS_LIMIT = 16_384;

/** A row with something in it that is not known. */
export interface RowTaint {
  readonly reportIndex: number;
  /** What each byte depends on. */
  readonly bytes: Uint16Array;
}

/** A call or a read of which it is not known what it gives. */
export interface UnknownSource {
  /** Of the function; undefined for a read. */
  readonly name: string | undefined;
  /** Offset in the program. */
  readonly at: number;
}

/** How the steps of a plan came to an end. */
export interface PlannerOutcome {
  readonly steps: readonly PlanStep[];
  readonly droppedSteps: number;
  /** What decides how it goes on; undefined where the program came to its end. */
  readonly dependsOn: UnknownSource | undefined;
  readonly area: Uint8Array;
  /** For each row that found room, what its bytes depend on; undefined where all are known. */
  readonly rowTaints: readonly (RowTaint | undefined)[];
  /** What the value of the program depends on. */
  readonly resultTaint: TaintLabel;
  /** Whether something was written to an address that is not known. */
  readonly wroteAnywhere: boolean;
}

/** One run of a program in which calls and writes are listed instead of made. */
export class Planner {
  readonly machine: Machine;
  readonly overlay: OverlayMemory;
  readonly taint: Taint;
  readonly context: ShowContext;
  readonly lowered: LoweredForPlan;
  wroteAnywhere = false;
  readonly #decoded = new WeakMap<Instruction, Execute>();
  readonly #steps: PlanStep[] = [];
  readonly #sources: UnknownSource[] = [];
  readonly #isBlind: boolean;
  readonly #rowTaints: (RowTaint | undefined)[] = [];
  #droppedSteps = 0;
  #resultTaint: TaintLabel = 0;

  constructor(lowered: LoweredForPlan, memory: Memory | 'unread', context: ShowContext) {
    this.lowered = lowered;
    this.#isBlind = memory === 'unread';
    this.overlay = new OverlayMemory(memory === 'unread' ? NO_MEMORY : memory);
    this.machine = new Machine(lowered.ir, this.overlay, context.symbols);
    this.taint = new Taint(lowered.ir);
    this.context = context;
  }

  /** Goes through the program as far as it is known; yields as `interpret` does. */
  *run(): Generator<undefined, PlannerOutcome> {
    const { blocks } = this.lowered.ir;
    let left = STEPS_PER_TURN;
    for (let next: number | undefined = 0; next !== undefined; ) {
      const { instructions, terminator }: (typeof blocks)[number] = blocks[next]!;
      let stop: ProgramStop | undefined;
      for (const instruction of instructions) {
        stop = this.#take(instruction);
        if (stop) break;
        left -= costOf(instruction);
        if (left > 0) continue;
        left = STEPS_PER_TURN;
        yield;
      }
      const taintLabel: TaintLabel = stop ? 0 : this.#taintOfEnd(terminator);
      if (taintLabel !== 0) return this.#planned(this.#sources[taintLabel - 1]);
      next = stop ? this.machine.stop(stop) : this.machine.terminate(terminator);
    }
    return this.#planned(undefined);
  }

  /** Lists a step. */
  add(step: PlanStep): void {
    if (this.#steps.length < STEPS_LIMIT) this.#steps.push(step);
    else this.#droppedSteps++;
  }

  /** A new origin, for what a call or a read gives. */
  unknown(source: UnknownSource): TaintLabel {
    if (this.#sources.length < TAINT_LABELS_LIMIT) this.#sources.push(source);
    return this.#sources.length;
  }

  /** Whether what is at `address` may not be looked at. */
  mayNotRead(address: bigint): boolean {
    return this.#isBlind && this.machine.programOffset(address) === undefined;
  }

  #take(instruction: Instruction): ProgramStop | undefined {
    if (hasSideEffect(instruction)) return this.#executeSideEffect(instruction);
    if (instruction.op === 'watch') return this.#watch(instruction);
    const { reads, localReads } = this.taint.accesses(instruction);
    let taintLabel = this.taint.ofTemps(reads);
    for (const piece of localReads) taintLabel ||= this.taint.ofOwn(piece);
    this.#recordResults(instruction, taintLabel);
    if (taintLabel !== 0 && instruction.op !== 'move') {
      // Rows and the result are stored at the same offset whatever their values are.
      const stop = hasFixedOffset(instruction) ? this.#execute(instruction) : undefined;
      this.taint.propagate(instruction, taintLabel);
      return stop;
    }
    const found = this.#taintOfRead(instruction);
    const stop = found === 'forbidden' ? undefined : this.#execute(instruction);
    const readTaint = found === 'forbidden' ? this.unknown(readAt(instruction)) : found;
    this.taint.propagate(instruction, readTaint);
    return stop;
  }

  /** Nobody knows whether the function will be entered: whatever the body may change is unknown from here. */
  #watch(instruction: Extract<Instruction, { op: 'watch' }>): undefined {
    const { kind, name, text, sourceOffset } = instruction;
    this.add({ kind, text, ...showLocation(this.context.program, sourceOffset) });
    this.taint.propagate(instruction, this.unknown({ name: `the ${kind} of ${name}`, at: sourceOffset }));
  }

  #executeSideEffect(instruction: SideEffect): ProgramStop | undefined {
    return instruction.op === 'call' ? planCall(this, instruction) : planWrite(this, instruction);
  }

  #execute(instruction: Exclude<Instruction, SideEffect>): ProgramStop | undefined {
    let step = this.#decoded.get(instruction);
    if (!step) {
      step = this.machine.decode(instruction);
      this.#decoded.set(instruction, step);
    }
    return step();
  }

  /** What the memory depends on that an instruction reads at an address. */
  #taintOfRead(instruction: Instruction): TaintLabel | 'forbidden' {
    const { op } = instruction;
    if (op === 'next-task') return this.#isBlind ? 'forbidden' : 0;
    if (op !== 'read' && op !== 'read-block' && op !== 'read-string') return 0;
    const address = this.machine.temps.unsigned[instruction.address]!;
    if (this.mayNotRead(address)) return 'forbidden';
    return this.taintOfMemory(address, instruction.bytes);
  }

  /** What memory depends on, own or not. */
  taintOfMemory(address: bigint, bytes: number): TaintLabel {
    const own = this.machine.programOffset(address);
    return own === undefined ? this.overlay.taintOf(address, bytes) : this.taint.ofOwn([own, bytes]);
  }

  #recordResults(instruction: Instruction, taintLabel: TaintLabel): void {
    if (instruction.op === 'result' || instruction.op === 'result-block') this.#resultTaint = taintLabel;
    if (instruction.op !== 'row') return;
    const { reportIndex, from, bytes } = instruction;
    const taints = { reportIndex, bytes: this.taint.own.slice(from, from + bytes) };
    if (this.#rowTaints.length < ROWS_LIMIT) this.#rowTaints.push(taintLabel === 0 ? undefined : taints);
  }

  #taintOfEnd(terminator: Terminator): TaintLabel {
    if (terminator.op === 'branch') return this.taint.temps[terminator.condition]!;
    return terminator.op === 'fault' ? this.taint.temps[terminator.address]! : 0;
  }

  #planned(dependsOn: UnknownSource | undefined): PlannerOutcome {
    const { wroteAnywhere } = this;
    return {
      steps: this.#steps,
      droppedSteps: this.#droppedSteps,
      dependsOn,
      area: this.machine.area,
      rowTaints: this.#rowTaints,
      resultTaint: this.#resultTaint,
      wroteAnywhere,
    };
  }
}

const NO_MEMORY: Memory = { copy: () => false, refresh: () => undefined };

/** Where a read stands; of one that C does not spell out, the beginning. */
function readAt(instruction: Instruction): UnknownSource {
  return { name: undefined, at: 'sourceOffset' in instruction ? instruction.sourceOffset : 0 };
}

function hasFixedOffset({ op }: Instruction): boolean {
  return op === 'row' || op === 'result' || op === 'result-block';
}

/** The end of a program that reads or writes what is not there. */
export function faultedAt(address: bigint, sourceOffset: number): ProgramStop {
  return { end: END.FAULTED, sourceOffset, address };
}
