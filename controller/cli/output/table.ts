import { padEnd, truncate, widthOf } from './truncate.ts';
import { wrapValue } from './wrap.ts';

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
  /** Indexes of the columns that are left out, in this order, if shrinking is not enough. None by default. */
  readonly droppable?: readonly number[];
  /** The width limit of a line, in cells of a terminal. */
  readonly width: number;
}

const GAP = '  ';
/** All flexible columns shrink to the first width before any of them shrinks to the second. */
const NARROWEST = [14, 8] as const;

/** No column becomes narrower than this, as long as the window has room for all that are left. */
const LEAST = 3;

/**
 * The lines of a table, none wider than its width. First the flexible columns are truncated, then the
 * droppable ones are left out, which the last line says, then the widest of the others are truncated.
 */
export function renderTable(table: Table): string[] {
  const { headers, rows, width } = table;
  const flexible = [table.flexible].flat();
  const natural = headers.map((header, column) => widest(header, rows, column));
  const shown = shownColumns({ ...table, flexible }, natural);
  const widths = fittedWidths(natural, shown, flexible, width);
  const lines = [headers.map((text): Cell => ({ text })), ...rows].map(row =>
    renderRow(
      shown.map(column => row[column] ?? { text: '' }),
      shown.map(column => widths[column] ?? 0),
      width,
    ).trimEnd(),
  );
  const dropped = headers.filter((_, column) => !shown.includes(column));
  if (dropped.length === 0) return lines;
  const note = `A wider window, or --json, also has ${dropped.join(', ')}.`;
  return [...lines, ...wrapValue(note, { columns: width, hang: 2 })];
}

/** The columns that remain: droppable ones are left out until the others fit at their narrowest. */
function shownColumns(
  { flexible, droppable = [], width }: Table & { readonly flexible: readonly number[] },
  natural: readonly number[],
): number[] {
  const narrowest = natural.map((columns, index) =>
    flexible.includes(index) ? Math.min(columns, NARROWEST[0]) : columns,
  );
  const shown = new Set(natural.keys());
  const least = (): number =>
    [...shown].reduce((sum, column) => sum + (narrowest[column] ?? 0), GAP.length * (shown.size - 1));
  for (const column of droppable) if (least() > width) shown.delete(column);
  return [...shown];
}

/** The width of each column, so that those in `shown` fit into `width` as far as that is possible. */
function fittedWidths(
  natural: readonly number[],
  shown: readonly number[],
  flexible: readonly number[],
  width: number,
): number[] {
  const widths = [...natural];
  const at = (column: number): number => widths[column] ?? 0;
  let excess = shown.reduce((sum, column) => sum + at(column), GAP.length * (shown.length - 1)) - width;
  for (const least of NARROWEST)
    for (const column of flexible.filter(each => shown.includes(each))) {
      const before = at(column);
      if (excess > 0) widths[column] = Math.max(Math.min(least, before), before - excess);
      excess -= before - at(column);
    }
  while (excess > 0 && Number.isFinite(excess)) {
    const widestColumn = shown.reduce((one, other) => (at(other) > at(one) ? other : one));
    if (at(widestColumn) <= LEAST) break;
    widths[widestColumn] = at(widestColumn) - 1;
    excess -= 1;
  }
  return widths;
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
