import { beginningOf, widthOf } from './text-width.ts';

/** The widest that text is wrapped to, and what is taken where nobody says how wide the output is. */
const WIDEST = 120;
const USUAL = 80;

/**
 * `text` as lines of at most `columns` cells of a terminal, broken at blanks where there are any; all but the first are moved in by
 * `hang`. Nothing is left out.
 */
export function wrap(
  text: string,
  { columns, hang }: { readonly columns: number; readonly hang: number },
): string[] {
  const width = Math.max(Number.isFinite(columns) ? Math.min(columns, WIDEST) : USUAL, hang + 20);
  const lines: string[] = [];
  let rest = text;
  let indent = '';
  while (indent.length + widthOf(rest) > width) {
    const room = width - indent.length;
    // A blank right behind what fits is as good as one in it.
    const most = beginningOf(rest, room);
    const blank = rest.lastIndexOf(' ', most.length);
    const at = blank > room / 3 ? blank : Math.max(1, most.length);
    lines.push(`${indent}${rest.slice(0, at)}`.trimEnd());
    rest = rest.slice(rest[at] === ' ' ? at + 1 : at);
    indent = ' '.repeat(hang);
  }
  lines.push(`${indent}${rest}`.trimEnd());
  return lines;
}
