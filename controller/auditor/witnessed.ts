import type { AuditSource } from '../store/index.ts';
import type { WitnessedPosition } from './replay/index.ts';

/** Collects how far each witness has verified the log. */
export function witnessList() {
  const newest = new Map<string, WitnessedPosition>();
  return {
    witnessed(position: WitnessedPosition): void {
      const { witness, seq } = position;
      if ((newest.get(witness)?.seq ?? 0) < seq) newest.set(witness, position);
    },
    /** The newest position of each, the one that is furthest first. */
    witnesses: (): readonly WitnessedPosition[] =>
      [...newest.values()].sort((one, other) => other.seq - one.seq),
  };
}

/**
 * Number of the last entry up to which every entry was witnessed by somebody who did not cause it.
 *
 * Threat: a person does something with their own hands, and then witnesses the log that tells of it, so that
 * it looks as if somebody else had verified it. A statement counts for what others did. So beyond the entry
 * that a second witness has reached, the log is witnessed until the first one's own next act.
 */
export async function witnessedSeq(
  source: Pick<AuditSource, 'firstEntryBy'>,
  [first, second]: readonly WitnessedPosition[],
): Promise<number> {
  if (!first) return 0;
  const ownSeq = await source.firstEntryBy(first.witness, second?.seq ?? 0);
  return Math.min(first.seq, (ownSeq ?? Number.POSITIVE_INFINITY) - 1);
}
