import { printable } from '../../views/index.ts';

/** What a cell of a table for programs can hold. */
export type CsvCell = string | number | undefined;

/**
 * A record of CSV (RFC 4180 section 2): cells between commas, quoted where they hold a comma or a quote, ending in CR LF.
 * Control characters are written as `\u{…}`, so a cell has no line of its own.
 *
 * Threat: values, messages and kernel releases are words of hosts, and a spreadsheet runs a cell that begins with one of
 * = + - @ as a formula (OWASP, "CSV injection"). Such a cell gets an apostrophe before it, and so does one that begins
 * with an apostrophe: whoever takes one apostrophe off the front of each cell has exactly what was said.
 */
export function csvRecord(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

const FORMULA = /^[=+\-@\t\r'＝＋－＠]/;

function csvCell(cell: CsvCell): string {
  if (cell === undefined) return '';
  const guarded = typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : String(cell);
  const text = printable(guarded);
  return /[",]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
