import { escapeInvisible } from '../../views/index.ts';

/** A cell of CSV. Undefined is an empty cell. */
export type CsvCell = string | number | undefined;

/**
 * A record of CSV (RFC 4180 section 2). A cell with a comma or a quote is quoted. The record ends in CR LF.
 * Control characters are written as `\u{…}`, so a record is always one line.
 *
 * Threat: hosts choose values, messages and kernel releases, and a spreadsheet evaluates a cell that begins
 * with one of = + - @ as a formula (OWASP, "CSV injection"). Such a cell gets a leading apostrophe, and so
 * does a cell that begins with an apostrophe. A reader who removes one leading apostrophe from each cell gets
 * exactly the original text.
 */
export function csvRecord(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

const FORMULA = /^[=+\-@\t\r'＝＋－＠]/;

function csvCell(cell: CsvCell): string {
  if (cell === undefined) return '';
  const guarded = typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : String(cell);
  const text = escapeInvisible(guarded);
  return /[",]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
