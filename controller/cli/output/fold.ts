import { beginningOf, widthOf } from './text-width.ts';

/**
 * A line `  label      value` as lines of at most `columns` cells: broken at blanks, and what is behind the label moved in by
 * `hang`. A word that finds no room there, such as a digest, has a line of its own, so that it can still be copied as one. Nothing
 * is left out; where there is no width, the line stays as it is.
 */
export function fold(
  line: string,
  { columns, hang }: { readonly columns: number; readonly hang: number },
): string[] {
  if (widthOf(line) <= columns) return [line];
  const label = beginningOf(line, hang);
  const lines: string[] = [];
  let current = label;
  let isEmpty = true;
  for (const word of line.slice(label.length).split(' ')) {
    const fits = widthOf(current) + (isEmpty ? 0 : 1) + widthOf(word) <= columns;
    if (fits) current += isEmpty ? word : ` ${word}`;
    else {
      lines.push(current.trimEnd());
      const room = columns - widthOf(word);
      current = ' '.repeat(Math.max(Math.min(hang, room), Math.min(2, hang))) + word;
    }
    isEmpty = false;
  }
  return [...lines, current].filter(text => text !== '');
}
