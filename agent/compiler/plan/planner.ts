import {
  costOf,
  isOutward,
  Machine,
  type Memory,
  type Outward,
  STEPS_PER_TURN,
  type Step,
  type Stop,
} from '../interpreter/index.ts';
import type { LoweredForPlan } from '../ir/index.ts';
import { END, type Instruction, type Terminator } from '../ir/index.ts';
import { OverlayMemory } from './overlay.ts';
import type { PlanStep } from './plan.ts';
import { planCall } from './plan-call.ts';
import { planWrite } from './plan-write.ts';
import type { ShowContext } from './show.ts';
import { type Origin, Taint } from './taint.ts';

/** Steps that are listed; more are counted. */
const STEPS_LIMIT = 200;

/** Calls that can be told apart as what something depends on; beyond, all are the last one. */
const ORIGINS_LIMIT = 0xffff;

/** More rows than this find no room in any result area. */
const ROWS_LIMIT = 16_384;

/** A row with something in it that is not known. */
export interface RowOrigins {
  readonly site: number;
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
export interface Planned {
  readonly steps: readonly PlanStep[];
  readonly droppedSteps: number;
  /** What decides how it goes on; undefined where the program came to its end. */
  readonly dependsOn: UnknownSource | undefined;
  readonly area: Uint8Array;
  /** For each row that found room, what its bytes depend on; undefined where all are known. */
  readonly rowOrigins: readonly (RowOrigins | undefined)[];
  /** What the value of the program depends on. */
  readonly resultOrigin: Origin;
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
  readonly #decoded = new WeakMap<Instruction, Step>();
  readonly #steps: PlanStep[] = [];
  readonly #sources: UnknownSource[] = [];
  readonly #isBlind: boolean;
  readonly #rowOrigins: (RowOrigins | undefined)[] = [];
  #droppedSteps = 0;
  #resultOrigin: Origin = 0;

  constructor(lowered: LoweredForPlan, memory: Memory | 'unread', context: ShowContext) {
    this.lowered = lowered;
    this.#isBlind = memory === 'unread';
    this.overlay = new OverlayMemory(memory === 'unread' ? NO_MEMORY : memory);
    this.machine = new Machine(lowered.ir, this.overlay);
    this.taint = new Taint(lowered.ir);
    this.context = context;
  }

  /** Goes through the program as far as it is known; yields as `interpret` does. */
  *run(): Generator<undefined, Planned> {
    const { blocks } = this.lowered.ir;
    let left = STEPS_PER_TURN;
    for (let next: number | undefined = 0; next !== undefined; ) {
      const { instructions, terminator }: (typeof blocks)[number] = blocks[next]!;
      let stop: Stop | undefined;
      for (const instruction of instructions) {
        stop = this.#take(instruction);
        if (stop) break;
        left -= costOf(instruction);
        if (left > 0) continue;
        left = STEPS_PER_TURN;
        yield;
      }
      const origin: Origin = stop ? 0 : this.#originOfEnd(terminator);
      if (origin !== 0) return this.#planned(this.#sources[origin - 1]);
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
  unknown(source: UnknownSource): Origin {
    if (this.#sources.length < ORIGINS_LIMIT) this.#sources.push(source);
    return this.#sources.length;
  }

  /** Whether what is at `address` may not be looked at. */
  mayNotRead(address: bigint): boolean {
    return this.#isBlind && this.machine.ownOffset(address) === undefined;
  }

  #take(instruction: Instruction): Stop | undefined {
    if (isOutward(instruction)) return this.#takeOutward(instruction);
    const { reads, localReads } = this.taint.touched(instruction);
    let origin = this.taint.ofTemps(reads);
    for (const piece of localReads) origin ||= this.taint.ofOwn(piece);
    this.#noteResults(instruction, origin);
    if (origin !== 0 && instruction.op !== 'move') {
      // Rows and values have their place whatever is in them.
      const stop = keepsItsPlace(instruction) ? this.#execute(instruction) : undefined;
      this.taint.carry(instruction, origin);
      return stop;
    }
    const found = this.#originOfRead(instruction);
    const stop = found === 'forbidden' ? undefined : this.#execute(instruction);
    const readOrigin = found === 'forbidden' ? this.unknown(readAt(instruction)) : found;
    this.taint.carry(instruction, readOrigin);
    return stop;
  }

  #takeOutward(instruction: Outward): Stop | undefined {
    return instruction.op === 'call' ? planCall(this, instruction) : planWrite(this, instruction);
  }

  #execute(instruction: Exclude<Instruction, Outward>): Stop | undefined {
    let step = this.#decoded.get(instruction);
    if (!step) {
      step = this.machine.decode(instruction);
      this.#decoded.set(instruction, step);
    }
    return step();
  }

  /** What the memory depends on that an instruction reads at an address. */
  #originOfRead(instruction: Instruction): Origin | 'forbidden' {
    const { op } = instruction;
    if (op === 'next-task') return this.#isBlind ? 'forbidden' : 0;
    if (op !== 'read' && op !== 'read-block' && op !== 'read-string') return 0;
    const address = this.machine.temps.unsigned[instruction.address]!;
    if (this.mayNotRead(address)) return 'forbidden';
    return this.originOfMemory(address, instruction.bytes);
  }

  /** What memory depends on, own or not. */
  originOfMemory(address: bigint, bytes: number): Origin {
    const own = this.machine.ownOffset(address);
    return own === undefined ? this.overlay.originOf(address, bytes) : this.taint.ofOwn([own, bytes]);
  }

  #noteResults(instruction: Instruction, origin: Origin): void {
    if (instruction.op === 'result' || instruction.op === 'result-block') this.#resultOrigin = origin;
    if (instruction.op !== 'row') return;
    const { site, from, bytes } = instruction;
    const origins = { site, bytes: this.taint.own.slice(from, from + bytes) };
    if (this.#rowOrigins.length < ROWS_LIMIT) this.#rowOrigins.push(origin === 0 ? undefined : origins);
  }

  #originOfEnd(terminator: Terminator): Origin {
    if (terminator.op === 'branch') return this.taint.temps[terminator.condition]!;
    return terminator.op === 'fault' ? this.taint.temps[terminator.address]! : 0;
  }

  #planned(dependsOn: UnknownSource | undefined): Planned {
    const { wroteAnywhere } = this;
    return {
      steps: this.#steps,
      droppedSteps: this.#droppedSteps,
      dependsOn,
      area: this.machine.area,
      rowOrigins: this.#rowOrigins,
      resultOrigin: this.#resultOrigin,
      wroteAnywhere,
    };
  }
}

const NO_MEMORY: Memory = { copy: () => false, refresh: () => undefined };

/** Where a read stands; of one that C does not spell out, the beginning. */
function readAt(instruction: Instruction): UnknownSource {
  return { name: undefined, at: 'place' in instruction ? instruction.place : 0 };
}

function keepsItsPlace({ op }: Instruction): boolean {
  return op === 'row' || op === 'result' || op === 'result-block';
}

/** The end of a program that reads or writes what is not there. */
export function faultedAt(address: bigint, place: number): Stop {
  return { end: END.FAULTED, place, address };
}
