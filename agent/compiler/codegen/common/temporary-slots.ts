import {
  accessesOf,
  accessesOfTerminator,
  type Instruction,
  type IrProgram,
  type Temp,
  type Terminator,
} from '../../ir/index.ts';

/** Instructions that run one after the other; a terminator, if there is one, counts as one more. */
export interface Stretch {
  readonly instructions: readonly Instruction[];
  readonly terminator: Terminator | undefined;
}

/** Which temporaries more than one stretch uses: these outlive each of them. */
export function sharedTemps(stretches: readonly Stretch[], tempCount: number): Uint8Array {
  const isShared = new Uint8Array(tempCount);
  const user = new Int32Array(tempCount).fill(-1);
  for (const [index, stretch] of stretches.entries())
    eachAccess(stretch, temp => {
      if (user[temp] !== -1 && user[temp] !== index) isShared[temp] = 1;
      user[temp] = index;
    });
  return isShared;
}

/** Calls `visit` for every use of a temporary, with the index of its instruction. */
function eachAccess({ instructions, terminator }: Stretch, visit: (temp: Temp, index: number) => void): void {
  for (const [index, instruction] of instructions.entries()) {
    const { reads, writes } = accessesOf(instruction);
    for (const temp of reads) visit(temp, index);
    for (const temp of writes) visit(temp, index);
  }
  if (!terminator) return;
  for (const temp of accessesOfTerminator(terminator).reads) visit(temp, instructions.length);
}

/** Slots for the temporaries that only one stretch uses; each is given again when its temporary is done. */
export class StretchSlots {
  readonly #lastUse = new Map<Temp, number>();
  readonly #slots = new Map<Temp, number>();
  readonly #free: number[] = [];
  readonly #first: number;
  #count = 0;

  /** Slots count from `first` on. */
  constructor(stretch: Stretch, isShared: Uint8Array, first: number) {
    this.#first = first;
    eachAccess(stretch, (temp, index) => {
      if (isShared[temp] === 0) this.#lastUse.set(temp, index);
    });
  }

  /** How many it takes. */
  get count(): number {
    return this.#count;
  }

  /** The slot of a temporary; undefined where it outlives the stretch. */
  of(temp: Temp): number | undefined {
    if (!this.#lastUse.has(temp)) return undefined;
    let slot = this.#slots.get(temp);
    if (slot === undefined) {
      slot = this.#free.pop() ?? this.#first + this.#count++;
      this.#slots.set(temp, slot);
    }
    return slot;
  }

  /** Takes back the slots of `temps` whose last use was instruction `index`. */
  release(temps: readonly Temp[], index: number): void {
    for (const temp of temps) {
      const slot = this.#slots.get(temp);
      if (slot === undefined || this.#lastUse.get(temp) !== index) continue;
      this.#free.push(slot);
      this.#slots.delete(temp);
    }
  }
}

/** The slot of each temporary of a program, and how many slots there are. */
export interface TemporarySlots {
  readonly slots: readonly number[];
  readonly count: number;
}

/** Gives each temporary a slot: those of several blocks one of their own, and before all others. */
export function temporarySlots({
  blocks,
  tempCount,
}: Pick<IrProgram, 'blocks' | 'tempCount'>): TemporarySlots {
  const isShared = sharedTemps(blocks, tempCount);
  let own = 0;
  const slots = Array.from(isShared, shared => (shared === 1 ? own++ : 0));
  let count = own;
  for (const block of blocks) {
    const local = new StretchSlots(block, isShared, own);
    for (const [index, temps] of stepsOf(block).entries()) {
      for (const temp of temps) slots[temp] = local.of(temp) ?? slots[temp]!;
      local.release(temps, index);
    }
    count = Math.max(count, own + local.count);
  }
  return { slots, count };
}

function stepsOf({ instructions, terminator }: IrProgram['blocks'][number]): Temp[][] {
  return [...instructions.map(accessesOf), accessesOfTerminator(terminator)].map(({ reads, writes }) => [
    ...new Set([...reads, ...writes]),
  ]);
}
