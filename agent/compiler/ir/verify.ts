import type { BlockIndex, IrProgram, Temp, Terminator } from './ir.ts';
import { readByTerminator, type Touched, touchedBy } from './touched.ts';

/**
 * Checks what every back end relies on: temporaries, blocks and offsets are there, and a temporary is written before it
 * is read on every way to it. Throws an Error that names the block; for tests and for debugging lowering.
 */
export function verifyIr(program: IrProgram): void {
  const written = writtenAtEntry(program);
  for (const [index, { instructions, terminator }] of program.blocks.entries()) {
    const here = new Set(written[index]);
    const check = (touched: Touched, what: string): void => {
      for (const temp of [...touched.reads, ...touched.writes])
        if (temp < 0 || temp >= program.tempCount) throw broken(index, `${what} names t${temp}`);
      for (const temp of touched.reads)
        if (!here.has(temp)) throw broken(index, `${what} reads t${temp} before it is written`);
      for (const [offset, bytes] of [...touched.localReads, ...touched.localWrites])
        if (offset < 0 || offset + bytes > program.localBytes)
          throw broken(index, `${what} leaves own memory at ${offset}+${bytes}`);
      for (const temp of touched.writes) here.add(temp);
    };
    if (!written[index]) continue;
    for (const instruction of instructions) check(touchedBy(instruction), instruction.op);
    check(readByTerminator(terminator), terminator.op);
  }
}

/** For each block the temporaries that are written on every way to it; undefined where no way leads there. */
function writtenAtEntry({ blocks, cleanup }: IrProgram): (ReadonlySet<Temp> | undefined)[] {
  const entry: (ReadonlySet<Temp> | undefined)[] = blocks.map(() => undefined);
  entry[0] = new Set();
  if (cleanup !== undefined) entry[cleanup] = new Set();
  const todo: BlockIndex[] = cleanup === undefined ? [0] : [0, cleanup];
  for (let index = todo.pop(); index !== undefined; index = todo.pop()) {
    const block = blocks[index];
    if (!block) throw broken(index, 'does not exist, but is jumped to');
    const after = new Set(entry[index]);
    for (const instruction of block.instructions)
      for (const temp of touchedBy(instruction).writes) after.add(temp);
    for (const target of targetsOf(block.terminator)) {
      const before = entry[target];
      const now = before ? before.intersection(after) : after;
      if (before && now.size === before.size) continue;
      entry[target] = now;
      todo.push(target);
    }
  }
  return entry;
}

function targetsOf(terminator: Terminator): readonly BlockIndex[] {
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
