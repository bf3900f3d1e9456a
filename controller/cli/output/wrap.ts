import wrapAnsi from 'wrap-ansi';
import { beginningOf, widthOf } from './truncate.ts';

/** Text is wrapped to this width in a wider window, and to the default if the output has no width. */
const WIDTH = { most: 120, default: 80 };
/** However narrow the window is, this many columns remain for the text. */
const LEAST_TEXT_COLUMNS = 20;

/** How to wrap a text: into so many columns, with all lines but the first indented by `hang`. */
export interface WrapStyle {
  readonly columns: number;
  readonly hang: number;
}

/** `text` as lines that fit the window. Words that are too long are broken. Nothing is left out. */
export function wrap(text: string, { columns, hang }: WrapStyle): string[] {
  const most = Number.isFinite(columns) ? Math.min(columns, WIDTH.most) : WIDTH.default;
  const width = Math.max(most, hang + LEAST_TEXT_COLUMNS);
  if (widthOf(text) <= width) return [text.trimEnd()];
  const label = labelOf(text, hang);
  const columnsLeft = width - Math.max(hang, widthOf(label));
  const rows = wrapAnsi(text.slice(label.length), columnsLeft, { hard: true }).split('\n');
  return rows.map((row, index) => `${index === 0 ? label : ' '.repeat(hang)}${row}`.trimEnd());
}

/**
 * A line `  label      value` as lines of at most `columns` cells, with the value indented by `hang`. A word
 * that does not fit there, such as a digest, gets a line of its own with a smaller indent, so that it can
 * still be copied as one word. Nothing is left out. A line that fits stays as it is.
 */
export function wrapValue(line: string, { columns, hang }: WrapStyle): string[] {
  if (widthOf(line) <= columns) return [line];
  const label = labelOf(line, hang);
  const textColumns = Math.max(1, columns - Math.max(hang, widthOf(label)));
  const [first = '', ...rows] = wrapAnsi(line.slice(label.length), textColumns).split('\n');
  if (widthOf(first) <= textColumns)
    return [`${label}${first}`, ...rows.map(row => indented(row, { columns, hang }))];
  return [label.trimEnd(), ...[first, ...rows].map(row => indented(row, { columns, hang }))];
}

/** The first `hang` cells of a line, and the spaces behind them: wrapped text begins with none. */
function labelOf(line: string, hang: number): string {
  const label = beginningOf(line, hang);
  return label + (/^ */.exec(line.slice(label.length))?.[0] ?? '');
}

/** `row` with the indent `hang`, or with a smaller one if the row would not fit. */
function indented(row: string, { columns, hang }: WrapStyle): string {
  const left = columns - widthOf(row);
  return ' '.repeat(Math.max(Math.min(hang, left), Math.min(2, hang))) + row;
}
