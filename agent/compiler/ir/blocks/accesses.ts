import type { BlockValue, HandlerInstruction, Instruction, LocalOffset, Temp, Terminator } from './ir.ts';

/** A piece of the program's own memory. */
export type LocalPiece = readonly [offset: LocalOffset, bytes: number];

/** The temporaries and locals that an instruction reads and writes. */
export interface Accesses {
  readonly reads: readonly Temp[];
  readonly writes: readonly Temp[];
  readonly localReads: readonly LocalPiece[];
  readonly localWrites: readonly LocalPiece[];
}

const NOTHING: Accesses = { reads: [], writes: [], localReads: [], localWrites: [] };

function accesses(some: Partial<Accesses>): Accesses {
  return { ...NOTHING, ...some };
}

/** The temporaries and the pieces of own memory that `instruction` reads and writes. */
export function accessesOf(instruction: Instruction): Accesses {
  switch (instruction.op) {
    case 'const':
    case 'data':
    case 'local':
      return accesses({ writes: [instruction.to] });
    case 'copy':
    case 'extend':
      return accesses({ reads: [instruction.from], writes: [instruction.to] });
    case 'binary':
      return accesses({ reads: [instruction.left, instruction.right], writes: [instruction.to] });
    case 'load':
      return accesses({ writes: [instruction.to], localReads: [[instruction.offset, instruction.bytes]] });
    case 'store':
      return accesses({ reads: [instruction.from], localWrites: [[instruction.offset, instruction.bytes]] });
    case 'move': {
      const { to, from, bytes } = instruction;
      return accesses({ localReads: [[from, bytes]], localWrites: [[to, bytes]] });
    }
    case 'zero':
      return accesses({ localWrites: [[instruction.offset, instruction.bytes]] });
    case 'read':
      return accesses({ reads: [instruction.address], writes: [instruction.to] });
    case 'write':
      return accesses({ reads: [instruction.address, instruction.from] });
    case 'read-block':
    case 'symbol-name':
      return accesses({ reads: [instruction.address], localWrites: [[instruction.to, instruction.bytes]] });
    case 'write-block':
      return accesses({ reads: [instruction.address], localReads: [[instruction.from, instruction.bytes]] });
    case 'read-string':
      return accesses({
        reads: [instruction.address],
        localWrites: [[instruction.to, instruction.bytes + 8]],
      });
    case 'exchange': {
      const { address, expected, desired, to } = instruction;
      return accesses({ reads: [address, expected, desired], writes: [to] });
    }
    case 'call':
      return accessesOfCall(instruction);
    case 'check-pointer':
      return accesses({ reads: [instruction.value] });
    case 'next-task':
      return accesses({ reads: [instruction.least], writes: [instruction.to, instruction.number] });
    case 'result':
      return accesses({ reads: [instruction.from] });
    case 'result-block':
    case 'row':
      return accesses({ localReads: [[instruction.from, instruction.bytes]] });
    case 'fuel':
      return NOTHING;
    case 'watch':
      return accesses({ localWrites: instruction.changes });
    default:
      return accessesInHandler(instruction);
  }
}

function accessesInHandler(instruction: HandlerInstruction): Accesses {
  switch (instruction.op) {
    case 'handler':
    case 'shared':
    case 'area':
    case 'current':
    case 'returned':
    case 'instance':
    case 'registers':
    case 'third':
      return accesses({ writes: [instruction.to] });
    case 'load-at':
      return accesses({ reads: [instruction.address], writes: [instruction.to] });
    case 'store-at':
      return accesses({ reads: [instruction.address, instruction.from] });
    case 'add-at':
      return accesses({ reads: [instruction.address, instruction.value], writes: [instruction.to] });
    case 'divert':
      return accesses({ reads: [instruction.value] });
    case 'parameters':
      return accesses({
        localWrites: instruction.params.map(param =>
          typeof param === 'number' ? [param, 8] : [param.offset, param.bytes],
        ),
      });
  }
}

/** The temporaries that the terminator of a block reads. */
export function accessesOfTerminator(terminator: Terminator): Accesses {
  switch (terminator.op) {
    case 'branch':
      return accesses({ reads: [terminator.condition] });
    case 'fault':
      return accesses({ reads: [terminator.address] });
    case 'end':
      return accesses({ reads: terminator.detail === undefined ? [] : [terminator.detail] });
    default:
      return NOTHING;
  }
}

/** Beside this a function may touch whatever an argument points to. */
function accessesOfCall({ to, block, target, args }: Extract<Instruction, { op: 'call' }>): Accesses {
  const isBlock = (arg: Temp | BlockValue): arg is BlockValue => typeof arg !== 'number';
  const reads = args.filter(arg => typeof arg === 'number');
  return {
    reads: typeof target === 'number' ? [...reads, target] : reads,
    writes: to === undefined ? [] : [to],
    localReads: args.filter(isBlock).map(({ offset, bytes }) => [offset, bytes] as const),
    localWrites: block ? [[block.offset, block.bytes]] : [],
  };
}
