/** The widest that text is wrapped to, and what is taken where nobody says how wide the output is. */
const WIDEST = 120;
const USUAL = 80;

/**
 * `text` as lines of at most `columns` characters, broken at blanks where there are any; all but the first are moved in by
 * `hang`. Nothing is left out.
 */
export function wrap(
  text: string,
  { columns, hang }: { readonly columns: number; readonly hang: number },
): string[] {
  const width = Math.max(Number.isFinite(columns) ? Math.min(columns, WIDEST) : USUAL, hang + 20);
  const lines: string[] = [];
  let rest = [...text];
  let indent = '';
  while (indent.length + rest.length > width) {
    const room = width - indent.length;
    const blank = rest.lastIndexOf(' ', room);
    const at = blank > room / 3 ? blank : room;
    lines.push(`${indent}${rest.slice(0, at).join('')}`.trimEnd());
    rest = rest.slice(rest[at] === ' ' ? at + 1 : at);
    indent = ' '.repeat(hang);
  }
  lines.push(`${indent}${rest.join('')}`.trimEnd());
  return lines;
}
