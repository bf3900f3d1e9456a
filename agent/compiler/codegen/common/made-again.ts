import { accessesOf, type HandlerProgram, type Instruction, type Temp } from '../../ir/index.ts';

/** What can be made again at any place: a number, or where something is. */
export type MadeAgain = Extract<Instruction, { readonly op: 'const' | 'shared' }>;

/**
 * The temporaries of a handler that are made again wherever they are used, in one instruction, where keeping
 * and loading them would be two more: a handler runs at each entry of a function. One that is written to
 * the kernel's memory must lie somewhere.
 */
export function madeAgain({ blocks }: HandlerProgram): ReadonlyMap<Temp, MadeAgain> {
  const found = new Map<Temp, MadeAgain>();
  const seen = new Set<Temp>();
  const kept = new Set<Temp>();
  for (const instruction of blocks.flatMap(({ instructions }) => instructions)) {
    for (const temp of accessesOf(instruction).writes) {
      if (seen.has(temp)) kept.add(temp);
      seen.add(temp);
    }
    if (instruction.op === 'const' || instruction.op === 'shared') found.set(instruction.to, instruction);
    if (instruction.op === 'write') kept.add(instruction.from);
  }
  for (const temp of kept) found.delete(temp);
  return found;
}
