/** A cell: its text, and what puts colour on it once it has its width. */
export interface Cell {
  readonly text: string;
  readonly paint?: (padded: string) => string;
}

/** A table to be drawn. */
export interface Table {
  readonly headers: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Index of the column that gives way where the table is wider than `width`. */
  readonly flexible: number;
  /** Widest line allowed, in characters. */
  readonly width: number;
}

const GAP = '  ';
const NARROWEST = 8;

/** The lines of a table, none wider than its width: the flexible column is cut first, then the end of the line. */
export function renderTable({ headers, rows, flexible, width }: Table): string[] {
  const widths = headers.map((header, column) =>
    Math.max(header.length, ...rows.map(row => lengthOf(row[column]?.text ?? ''))),
  );
  const total = widths.reduce((sum, cell) => sum + cell, 0) + GAP.length * (headers.length - 1);
  const flexibleWidth = widths[flexible] ?? 0;
  if (total > width)
    widths[flexible] = Math.max(Math.min(NARROWEST, flexibleWidth), flexibleWidth - (total - width));
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
    const padded = isLast ? fitted : fitted + ' '.repeat(room - lengthOf(fitted));
    cells.push(cell.paint ? cell.paint(padded) : padded);
    left -= room + GAP.length;
  }
  return cells.join(GAP);
}

/** `text` in at most `room` characters, with an ellipsis where something is missing. */
export function cut(text: string, room: number): string {
  const characters = [...text];
  if (characters.length <= room) return text;
  return `${characters.slice(0, Math.max(0, room - 1)).join('')}…`;
}

function lengthOf(text: string): number {
  return [...text].length;
}
