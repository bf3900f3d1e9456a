import type { Block, Instruction, IrProgram } from '../ir/index.ts';
import { Machine, type Outward, type Stop } from './machine.ts';
import type { Memory } from './memory.ts';

/** Steps between two yields: each may read a page, and all together should take no more than some milliseconds. */
const STEPS_PER_TURN = 512;

/** Bytes that are moved in the time of a step. */
const BYTES_PER_STEP = 256;

/**
 * Runs a program that only reads; gives the result area that a module would have copied out. It yields after every few
 * hundred steps, so that its caller can do something else meanwhile, or stop. Loops are bounded by their fuel, as in
 * machine code. Throws PROGRAM_TOO_LARGE where the results would not fit, before anything is read.
 */
export function* interpret(program: IrProgram, memory: Memory): Generator<undefined, Uint8Array> {
  const machine = new Machine(program, memory);
  let steps = 0;
  let next: number | undefined = 0;
  while (next !== undefined) {
    const block: Block = program.blocks[next]!;
    let stop: Stop | undefined;
    for (const instruction of block.instructions) {
      if (isOutward(instruction)) throw new Error(`a program that only reads has a ${instruction.op}`);
      stop = machine.execute(instruction);
      if (stop) break;
      steps += stepsOf(instruction);
      if (steps < STEPS_PER_TURN) continue;
      steps = 0;
      yield;
    }
    next = stop ? machine.stop(stop) : machine.terminate(block.terminator);
  }
  return machine.area;
}

/** Whether the instruction does something to what is not the program's own. */
export function isOutward(instruction: Instruction): instruction is Outward {
  const { op } = instruction;
  return op === 'call' || op === 'write' || op === 'write-block' || op === 'exchange';
}

/** What an instruction costs, in steps. */
export function stepsOf(instruction: Instruction): number {
  switch (instruction.op) {
    case 'move':
    case 'zero':
    case 'read-block':
    case 'result-block':
    case 'row':
      return 1 + instruction.bytes / BYTES_PER_STEP;
    case 'next-task':
    case 'read-string':
      return 8;
    default:
      return 1;
  }
}
