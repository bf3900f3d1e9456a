import { cut, padEnd, widthOf } from './text-width.ts';

/** A cell: its text, and what puts colour on it once it has its width. */
export interface Cell {
  readonly text: string;
  readonly paint?: (padded: string) => string;
}

/** A table to be drawn. */
export interface Table {
  readonly headers: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Indexes of the columns that give way where the table is wider than `width`, in this order. */
  readonly flexible: number | readonly number[];
  /** Widest line allowed, in cells of a terminal. */
  readonly width: number;
}

const GAP = '  ';
/** The flexible columns are made so narrow first, all of them, and so narrow only then. */
const NARROWEST = [14, 8];

/** The lines of a table, none wider than its width: the flexible columns are cut first, then the end of the line. */
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
    const room = Math.min(widths[column] ?? 0, left);
    if (room <= 0) break;
    const isLast = column === row.length - 1;
    const fitted = cut(cell.text, room);
    const padded = isLast ? fitted : padEnd(fitted, room);
    cells.push(cell.paint ? cell.paint(padded) : padded);
    left -= room + GAP.length;
  }
  return cells.join(GAP);
}

/** A fleet has more rows than a call may have arguments. */
function widest(header: string, rows: Table['rows'], column: number): number {
  return rows.reduce((most, row) => Math.max(most, widthOf(row[column]?.text ?? '')), widthOf(header));
}
