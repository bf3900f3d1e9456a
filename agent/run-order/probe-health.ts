import type { ResultRow } from '../../shared/messages/index.ts';

/** What the compiler calls the structure of a watch's counts. */
const COUNTS_TYPE = 'struct watch';

/**
 * Why a watch did not see all that it was to see, by the counts that each adds to the rows; undefined where
 * each did. A watch that its brake has stopped was on a function that this host enters more often than the
 * people expected who signed it. One that missed more entries than it saw tells nothing.
 */
export function probesIn(rows: readonly ResultRow[] | undefined): string | undefined {
  const reasons = (rows ?? []).flatMap(({ values: [first] }) => {
    if (first?.type !== COUNTS_TYPE) return [];
    const count = (name: string): number =>
      Number(first.members?.find(field => field.name === name)?.integer ?? 0);
    if (count('braked') > 0) return ['a watch was stopped: its function was entered too often'];
    if (count('slow') > 0) return ['a watch was stopped: its body took too long'];
    const [entered, missed] = [count('entered'), count('missed')];
    return missed > entered ? [`a watch missed ${missed} entries and saw ${entered}`] : [];
  });
  return reasons[0];
}
