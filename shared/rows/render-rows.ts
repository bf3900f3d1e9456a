import type { CallResult, TypedValue } from '../messages/index.ts';

/** Columns are padded up to this width; a longer value pushes the rest of its line. */
const PADDED_CHARS = 40;

const GAP = '  ';

/** How many rows are shown, and how many characters of each line. */
export interface RowLimits {
  readonly rows: number;
  readonly lineChars: number;
}

/**
 * The rows of a result, one line each, with values in columns. A line of its own counts the rows that are not
 * shown, and another those that the host dropped. Values are written as in C, without their types: `1
 * "systemd" TASK_RUNNING /* 0 *\/`.
 */
export function renderRows(
  { rows = [], droppedRows = 0 }: Pick<CallResult, 'rows' | 'droppedRows'>,
  limits: RowLimits,
): string[] {
  const cells = rows.slice(0, limits.rows).map(({ values }) => values.map(plainText));
  const widths: number[] = [];
  for (const row of cells) {
    for (const [column, text] of row.entries())
      widths[column] = Math.max(widths[column] ?? 0, Math.min(text.length, PADDED_CHARS));
  }
  const lines = cells.map(row => {
    const line = row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(GAP);
    return cut(line.trimEnd(), limits.lineChars);
  });
  const hidden = rows.length - cells.length;
  if (hidden > 0) lines.push(`(${count(hidden)} not shown here)`);
  if (droppedRows > 0) lines.push(`(${count(droppedRows)} dropped: the result had no room)`);
  return lines;
}

function plainText({ type, text }: TypedValue): string {
  const prefix = `(${type})`;
  return text.startsWith(prefix) && text !== prefix ? text.slice(prefix.length) : text;
}

function cut(line: string, chars: number): string {
  return line.length <= chars ? line : `${line.slice(0, chars - 1)}…`;
}

function count(rows: number): string {
  return rows === 1 ? '1 more row' : `${rows} more rows`;
}
