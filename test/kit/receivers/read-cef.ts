/** A line of CEF as a reader has it. */
export interface CefEvent {
  /** The eight parts before the extension: `CEF:0`, vendor, product, version, id, name, severity. */
  readonly header: readonly string[];
  readonly extension: Readonly<Record<string, string>>;
}

/**
 * Reads a line of CEF:0 by its escapes alone: a `|` that no `\` precedes ends a part of the header; a key is
 * a word before a `=` that no `\` precedes. Throws on a key that occurs twice and on an escape that CEF does
 * not have.
 */
export function readCef(line: string): CefEvent {
  const header: string[] = [];
  let part = '';
  let at = 0;
  for (; header.length < 7; at++) {
    if (at >= line.length) throw new Error('the header ends too early');
    if (line[at] === '\\') part += escapedAt(line, ++at, '\\|');
    else if (line[at] === '|') {
      header.push(part);
      part = '';
    } else part += line[at];
  }
  return { header, extension: readExtension(line.slice(at)) };
}

function readExtension(text: string): Record<string, string> {
  const extension: Record<string, string> = {};
  const starts = [...text.matchAll(/(?:^| )([A-Za-z0-9]+)=/g)];
  for (const [index, start] of starts.entries()) {
    const key = start[1]!;
    if (key in extension) throw new Error(`${key} occurs twice`);
    const value = text.slice(start.index + start[0].length, starts[index + 1]?.index ?? text.length);
    let read = '';
    for (let at = 0; at < value.length; at++) {
      if (value[at] === '=') throw new Error('a = without its escape');
      read += value[at] === '\\' ? escapedAt(value, ++at, '\\=nr') : value[at];
    }
    extension[key] = read;
  }
  return extension;
}

function escapedAt(text: string, at: number, allowed: string): string {
  const character = text[at];
  if (character === undefined || !allowed.includes(character)) throw new Error(`\\${character} is no escape`);
  return { n: '\n', r: '\r' }[character] ?? character;
}
