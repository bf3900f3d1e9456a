import type { Instruction, IrProgram } from '../ir/index.ts';
import { type Execute, Machine, type SideEffect } from './machine.ts';
import type { Memory } from './memory.ts';

/**
 * Steps between two yields: each may read a page, and all together should take no more than some
 * milliseconds.
 */
export const STEPS_PER_TURN = 512;

/** Bytes that are moved in the time of a step. */
const BYTES_PER_STEP = 256;

/** A block, ready to run. */
interface ReadyBlock {
  readonly steps: readonly Execute[];
  readonly costs: readonly number[];
}

/**
 * Runs a program that only reads; gives the result area that a module would have copied out. It yields after
 * every few hundred steps, so that its caller can do something else meanwhile, or stop. Loops are bounded by
 * their fuel, as in machine code. Throws PROGRAM_TOO_LARGE where the results would not fit, before anything
 * is read.
 */
export function* interpret(program: IrProgram, memory: Memory): Generator<undefined, Uint8Array> {
  const machine = new Machine(program, memory);
  const ready: (ReadyBlock | undefined)[] = [];
  let left = STEPS_PER_TURN;
  let next: number | undefined = 0;
  while (next !== undefined) {
    const block = program.blocks[next]!;
    ready[next] ??= readyBlock(block.instructions, machine);
    const { steps, costs }: ReadyBlock = ready[next]!;
    next = -1;
    for (let at = 0; at < steps.length; at++) {
      const stop = steps[at]!();
      if (stop) {
        next = machine.stop(stop);
        break;
      }
      left -= costs[at]!;
      if (left > 0) continue;
      left = STEPS_PER_TURN;
      yield;
    }
    if (next === -1) next = machine.terminate(block.terminator);
  }
  return machine.area;
}

function readyBlock(instructions: readonly Instruction[], machine: Machine): ReadyBlock {
  const steps = instructions.map(instruction => {
    if (!hasSideEffect(instruction)) return machine.decode(instruction);
    // An atomic update of a variable of the program is one, too.
    if (instruction.op === 'exchange') return machine.exchangeOwn(instruction);
    throw new Error(`a program that only reads has a ${instruction.op}`);
  });
  return { steps, costs: instructions.map(costOf) };
}

/** Whether the instruction does something to what is not the program's own. */
export function hasSideEffect(instruction: Instruction): instruction is SideEffect {
  const { op } = instruction;
  return op === 'call' || op === 'write' || op === 'write-block' || op === 'exchange';
}

/** The cost of an instruction, in steps. */
export function costOf(instruction: Instruction): number {
  switch (instruction.op) {
    case 'move':
    case 'zero':
    case 'read-block':
    case 'result-block':
    case 'row':
      return 1 + instruction.bytes / BYTES_PER_STEP;
    case 'read':
      return 4;
    case 'next-task':
    case 'read-string':
      return 16;
    default:
      return 1;
  }
}
