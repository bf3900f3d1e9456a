import type { Instruction } from '../ir/index.ts';

/** Bytes that are moved in the time of a step. */
const BYTES_PER_STEP = 256;

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
    case 'symbol-name':
      return 16;
    default:
      return 1;
  }
}
