/** Several measurements of one thing, in the order of their size. */
export interface Sample {
  readonly runs: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Minimum, median and maximum of `values`. Throws on none: a figure of no run would be made up. */
export function sampleOf(values: readonly number[]): Sample {
  if (values.length === 0) throw new Error('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median =
    sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { runs: sorted.length, min: sorted[0]!, median, max: sorted.at(-1)! };
}

/** Milliseconds that each of `runs` calls of `work` took, after `warmUp` that are not counted. */
export function timeMs(
  work: () => unknown,
  { runs, warmUp = 0 }: { runs: number; warmUp?: number },
): number[] {
  for (let count = 0; count < warmUp; count++) work();
  return Array.from({ length: runs }, () => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  });
}
