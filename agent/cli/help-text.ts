/** What every terminal has. */
const COLUMNS = 80;

/**
 * A help text in lines of at most 80 columns. Lines without an indent are one paragraph up to an empty one;
 * of an indented line, what does not fit goes below its second column.
 */
export function helpText(help: string): string {
  const lines: string[] = [];
  let paragraph = '';
  const flush = (): void => {
    if (paragraph !== '') lines.push(...wrapped(paragraph, 0));
    paragraph = '';
  };
  for (const line of help.split('\n')) {
    if (line !== '' && !line.startsWith(' ')) paragraph += `${paragraph === '' ? '' : ' '}${line}`;
    else {
      flush();
      lines.push(...wrapped(line, /^ +\S+(?: \S+)* {2,}|^ +/.exec(line)?.[0].length ?? 0));
    }
  }
  flush();
  return lines.join('\n');
}

/** `line` in pieces, the later ones with an indent; a word longer than the rest of a line stays whole. */
function wrapped(line: string, indent: number): string[] {
  const pieces: string[] = [];
  let rest = line;
  while (rest.length > COLUMNS) {
    const at = rest.lastIndexOf(' ', COLUMNS);
    if (at <= indent) break;
    pieces.push(rest.slice(0, at).trimEnd());
    rest = `${' '.repeat(indent)}${rest.slice(at + 1).trimStart()}`;
  }
  return [...pieces, rest];
}
