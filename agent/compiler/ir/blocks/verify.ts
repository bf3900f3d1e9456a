import { type Accesses, accessesOf, accessesOfTerminator } from './accesses.ts';
import type { BlockIndex, Instruction, IrProgram, Temp, Terminator } from './ir.ts';

/**
 * Checks what every back end relies on: temporaries, blocks and offsets are there, and a temporary is written
 * before it is read on every way to it. Throws an Error that names the block; for tests and for debugging
 * lowering.
 */
export function verifyIr(program: IrProgram): void {
  const written = writtenAtEntry(program);
  for (const [index, { instructions, terminator }] of program.blocks.entries()) {
    if (!written[index]) continue;
    const here = written[index].copy();
    for (const instruction of instructions) verifyChecks(program, instruction, index);
    const check = (touched: Accesses, what: string): void => {
      for (const temp of [...touched.reads, ...touched.writes])
        if (temp < 0 || temp >= program.tempCount) throw broken(index, `${what} names t${temp}`);
      for (const temp of touched.reads)
        if (!here.has(temp)) throw broken(index, `${what} reads t${temp} before it is written`);
      for (const [offset, bytes] of [...touched.localReads, ...touched.localWrites])
        if (offset < 0 || offset + bytes > program.localBytes)
          throw broken(index, `${what} leaves own memory at ${offset}+${bytes}`);
      for (const temp of touched.writes) here.add(temp);
    };
    for (const instruction of instructions) check(accessesOf(instruction), instruction.op);
    check(accessesOfTerminator(terminator), terminator.op);
  }
}

/** Threat: see `PointerCheck`. */
function verifyChecks({ pointerChecks }: IrProgram, instruction: Instruction, block: BlockIndex): void {
  if (instruction.op !== 'call' && instruction.op !== 'check-pointer') return;
  const { check } = instruction;
  if (check !== undefined && !pointerChecks[check]) throw broken(block, `names check${check}`);
  if (instruction.op === 'call' && typeof instruction.target === 'number' && check === undefined)
    throw broken(block, 'calls through a pointer without a check');
}

/**
 * For each block the temporaries that are written on every way to it; undefined where no way leads there.
 * Blocks are taken in an order in which those before come first, over and over until nothing changes: once
 * more for each loop within a loop.
 */
function writtenAtEntry(program: IrProgram): (TempSet | undefined)[] {
  const { blocks, cleanup, tempCount } = program;
  const entry: (TempSet | undefined)[] = blocks.map(() => undefined);
  for (const start of startsOf(cleanup)) entry[start] = new TempSet(tempCount);
  const order = forwardOrder(program, waysFrom);
  for (let changed = true; changed; ) {
    changed = false;
    for (const index of order) {
      const { instructions } = blocks[index]!;
      const after = entry[index]!.copy();
      for (const instruction of instructions)
        for (const temp of accessesOf(instruction).writes) after.add(temp);
      for (const target of waysFrom(program, index)) {
        if (entry[target]) changed = entry[target].keepOnly(after) || changed;
        else {
          entry[target] = after.copy();
          changed = true;
        }
      }
    }
  }
  return entry;
}

/** Reachable blocks, each behind those that lead to it but for the ways back in loops (reverse postorder). */
export function forwardOrder(program: IrProgram, ways = targetsIn): BlockIndex[] {
  const { blocks, cleanup } = program;
  const seen = new Set<BlockIndex>();
  const order: BlockIndex[] = [];
  const todo: { readonly index: BlockIndex; readonly targets: BlockIndex[] }[] = [];
  const visit = (index: BlockIndex): void => {
    const block = blocks[index];
    if (!block) throw broken(index, 'does not exist, but is jumped to');
    if (seen.has(index)) return;
    seen.add(index);
    todo.push({ index, targets: [...ways(program, index)] });
  };
  for (const start of startsOf(cleanup)) {
    visit(start);
    for (let top = todo.at(-1); top; top = todo.at(-1)) {
      const target = top.targets.pop();
      if (target !== undefined) visit(target);
      else order.push(todo.pop()!.index);
    }
  }
  return order.reverse();
}

/**
 * Where it may go on from a block: behind the call of a function of the program, where that comes back to.
 * Not from its end to all calls of it: what one of them has written is there again only behind that one.
 */
function waysFrom(program: IrProgram, index: BlockIndex): readonly BlockIndex[] {
  const { callNext, exits } = program;
  if (exits.has(index)) return [];
  const next = callNext.get(index);
  return next === undefined ? targetsIn(program, index) : [...targetsIn(program, index), next];
}

function targetsIn({ blocks }: IrProgram, index: BlockIndex): readonly BlockIndex[] {
  return targetsOf(blocks[index]!.terminator);
}

function startsOf(cleanup: BlockIndex | undefined): BlockIndex[] {
  return cleanup === undefined ? [0] : [0, cleanup];
}

/** A set of temporaries, one bit each. */
class TempSet {
  readonly #words: Uint32Array;

  constructor(tempCount: number) {
    this.#words = new Uint32Array((tempCount + 31) >>> 5);
  }

  copy(): TempSet {
    const copy = new TempSet(this.#words.length * 32);
    copy.#words.set(this.#words);
    return copy;
  }

  has(temp: Temp): boolean {
    return ((this.#words[temp >>> 5]! >>> (temp & 31)) & 1) === 1;
  }

  add(temp: Temp): void {
    this.#words[temp >>> 5]! |= 1 << (temp & 31);
  }

  /** Drops what `other` has not; says whether there was any. */
  keepOnly(other: TempSet): boolean {
    let dropped = false;
    for (const [index, word] of this.#words.entries()) {
      const kept = (word & other.#words[index]!) >>> 0;
      dropped ||= kept !== word;
      this.#words[index] = kept;
    }
    return dropped;
  }
}

/** The blocks that a terminator may go to. */
export function targetsOf(terminator: Terminator): readonly BlockIndex[] {
  switch (terminator.op) {
    case 'jump':
      return [terminator.target];
    case 'branch':
      return [terminator.then, terminator.otherwise];
    default:
      return [];
  }
}

function broken(block: BlockIndex, what: string): Error {
  return new Error(`IR: block ${block}: ${what}`);
}
