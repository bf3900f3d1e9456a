import type { BlockIndex, BlockValue, Instruction, IrProgram, LocalOffset, Temp, Terminator } from './ir.ts';

/** What an instruction touches. */
interface Touched {
  readonly reads: readonly Temp[];
  readonly writes: readonly Temp[];
  /** Pieces of the program's own memory: offset and bytes. */
  readonly locals: readonly (readonly [LocalOffset, number])[];
}

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
      for (const [offset, bytes] of touched.locals)
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

function readByTerminator(terminator: Terminator): Touched {
  switch (terminator.op) {
    case 'branch':
      return { reads: [terminator.condition], writes: [], locals: [] };
    case 'fault':
      return { reads: [terminator.address], writes: [], locals: [] };
    default:
      return { reads: [], writes: [], locals: [] };
  }
}

function touchedBy(instruction: Instruction): Touched {
  const nothing = { reads: [], writes: [], locals: [] };
  switch (instruction.op) {
    case 'const':
    case 'data':
      return { ...nothing, writes: [instruction.to] };
    case 'copy':
    case 'extend':
      return { ...nothing, reads: [instruction.from], writes: [instruction.to] };
    case 'binary':
      return { ...nothing, reads: [instruction.left, instruction.right], writes: [instruction.to] };
    case 'local':
      return { ...nothing, writes: [instruction.to], locals: [[instruction.offset, 0]] };
    case 'load':
      return { ...nothing, writes: [instruction.to], locals: [[instruction.offset, instruction.bytes]] };
    case 'store':
      return { ...nothing, reads: [instruction.from], locals: [[instruction.offset, instruction.bytes]] };
    case 'move':
      return {
        ...nothing,
        locals: [
          [instruction.to, instruction.bytes],
          [instruction.from, instruction.bytes],
        ],
      };
    case 'zero':
      return { ...nothing, locals: [[instruction.offset, instruction.bytes]] };
    case 'read':
      return { ...nothing, reads: [instruction.address], writes: [instruction.to] };
    case 'write':
      return { ...nothing, reads: [instruction.address, instruction.from] };
    case 'read-block':
      return { ...nothing, reads: [instruction.address], locals: [[instruction.to, instruction.bytes]] };
    case 'write-block':
      return { ...nothing, reads: [instruction.address], locals: [[instruction.from, instruction.bytes]] };
    case 'read-string':
      return { ...nothing, reads: [instruction.address], locals: [[instruction.to, instruction.bytes + 8]] };
    case 'exchange': {
      const { address, expected, desired, to } = instruction;
      return { ...nothing, reads: [address, expected, desired], writes: [to] };
    }
    case 'call':
      return touchedByCall(instruction);
    case 'result':
      return { ...nothing, reads: [instruction.from] };
    case 'result-block':
    case 'row':
      return { ...nothing, locals: [[instruction.from, instruction.bytes]] };
    case 'fuel':
      return nothing;
  }
}

function touchedByCall({ to, block, target, args }: Extract<Instruction, { op: 'call' }>): Touched {
  const isBlock = (arg: Temp | BlockValue): arg is BlockValue => typeof arg !== 'number';
  const blocks = [...args.filter(isBlock), ...(block ? [block] : [])];
  const reads = args.filter(arg => typeof arg === 'number');
  return {
    reads: typeof target === 'number' ? [...reads, target] : reads,
    writes: to === undefined ? [] : [to],
    locals: blocks.map(({ offset, bytes }) => [offset, bytes] as const),
  };
}

function broken(block: BlockIndex, what: string): Error {
  return new Error(`IR: block ${block}: ${what}`);
}
