import { padEnd, truncate, widthOf } from './truncate.ts';

/** A cell: its text, and the function that colours the text once it is padded. */
export interface Cell {
  readonly text: string;
  readonly colour?: (padded: string) => string;
}

/** The content of a table, and how wide it may be. */
export interface Table {
  readonly headers: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Indexes of the columns that shrink, in this order, if the table is wider than `width`. */
  readonly flexible: number | readonly number[];
  /** The width limit of a line, in cells of a terminal. */
  readonly width: number;
}

const GAP = '  ';
/** All flexible columns shrink to the first width before any of them shrinks to the second. */
const NARROWEST = [14, 8];

/**
 * The lines of a table, none wider than its width. First the flexible columns are truncated, then the end of
 * the line.
 */
export function renderTable({ headers, rows, flexible, width }: Table): string[] {
  const widths = headers.map((header, column) => widest(header, rows, column));
  const total = widths.reduce((sum, cell) => sum + cell, 0) + GAP.length * (headers.length - 1);
  let excess = total - width;
  for (const least of NARROWEST)
    for (const column of [flexible].flat()) {
      const before = widths[column] ?? 0;
      if (excess > 0) widths[column] = Math.max(Math.min(least, before), before - excess);
      excess -= before - (widths[column] ?? 0);
    }
  const lines = [headers.map(text => ({ text })), ...rows].map(row => renderRow(row, widths, width));
  return lines.map(line => line.trimEnd());
}

function renderRow(row: readonly Cell[], widths: readonly number[], width: number): string {
  let left = width;
  const cells: string[] = [];
  for (const [column, cell] of row.entries()) {
    const columns = Math.min(widths[column] ?? 0, left);
    if (columns <= 0) break;
    const isLast = column === row.length - 1;
    const fitted = truncate(cell.text, columns);
    const padded = isLast ? fitted : padEnd(fitted, columns);
    cells.push(cell.colour ? cell.colour(padded) : padded);
    left -= columns + GAP.length;
  }
  return cells.join(GAP);
}

/**
 * The width of a column. A fleet has more rows than a function call may have arguments, so this is no
 * Math.max(...rows).
 */
function widest(header: string, rows: Table['rows'], column: number): number {
  return rows.reduce((most, row) => Math.max(most, widthOf(row[column]?.text ?? '')), widthOf(header));
}
