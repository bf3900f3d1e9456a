import { type Sample, sampleOf } from './statistics.ts';

/** One line of a benchmark: what was measured, and what it is held against. */
export interface Figure {
  readonly what: string;
  readonly unit: 'ms' | 'µs' | 'MiB' | '';
  readonly sample: Sample;
  /** What we want it to be below, in the same unit; undefined where nobody has said. */
  readonly mark?: number;
  /** Somebody else's figure for the same, as a sentence. */
  readonly peer?: string;
}

/** A figure from its measurements. */
export function figure(
  what: string,
  values: readonly number[],
  { unit = 'ms', mark, peer }: { unit?: Figure['unit']; mark?: number; peer?: string } = {},
): Figure {
  return {
    what,
    unit,
    sample: sampleOf(values),
    ...(mark === undefined ? {} : { mark }),
    ...(peer === undefined ? {} : { peer }),
  };
}

/** Figures as a table: median, spread and runs, the mark beside them. */
export function figuresToText(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, unit, sample, mark, peer }) => {
    const held = mark === undefined ? '' : sample.median < mark ? `below ${mark}` : `NOT below ${mark}`;
    const spread = `${round(sample.min)} to ${round(sample.max)}`;
    return [what, `${round(sample.median)} ${unit}`, spread, String(sample.runs), held, peer ?? ''];
  });
  const all = [['', 'median', 'spread', 'runs', 'mark', 'others'], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map(row => row[column]!.length)));
  return all
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function round(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(3);
}
