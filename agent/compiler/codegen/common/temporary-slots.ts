import { accessesOf, accessesOfTerminator, type IrProgram, type Temp } from '../../ir/index.ts';

/** Places for temporaries, and how many there are. */
export interface TemporarySlots {
  readonly slots: readonly number[];
  readonly count: number;
}

/**
 * Gives each temporary a place. One that is only used within a block, behind its first write there, gives it
 * back behind its last use, and the next one takes it; all others have a place of their own.
 */
export function temporarySlots({
  blocks,
  tempCount,
}: Pick<IrProgram, 'blocks' | 'tempCount'>): TemporarySlots {
  const touched = blocks.map(({ instructions, terminator }) =>
    [...instructions.map(accessesOf), accessesOfTerminator(terminator)].map(({ reads, writes }) => [
      ...reads,
      ...writes,
    ]),
  );
  const blockOf = new Map<Temp, number | 'several'>();
  for (const [index, steps] of touched.entries())
    for (const temp of steps.flat())
      blockOf.set(temp, (blockOf.get(temp) ?? index) === index ? index : 'several');
  const slots: number[] = new Array(tempCount).fill(0);
  let count = 0;
  for (const [temp, block] of blockOf) if (block === 'several') slots[temp] = count++;
  const own = count;
  for (const steps of touched) {
    const last = new Map<Temp, number>();
    for (const [step, temps] of steps.entries()) for (const temp of temps) last.set(temp, step);
    const free: number[] = [];
    const placed = new Set<Temp>();
    let next = own;
    for (const [step, temps] of steps.entries()) {
      const local = new Set(temps.filter(temp => blockOf.get(temp) !== 'several'));
      for (const temp of local) {
        if (placed.has(temp)) continue;
        placed.add(temp);
        slots[temp] = free.pop() ?? next++;
      }
      for (const temp of local) if (last.get(temp) === step) free.push(slots[temp]!);
    }
    count = Math.max(count, next);
  }
  return { slots, count };
}
