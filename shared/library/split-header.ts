import { FarcallError } from '../errors/index.ts';
import { namesIn } from './names-in.ts';

/** One definition of the library: a macro, function or variable, with the comment that says what it is. */
export interface LibraryItem {
  /** `linux/list.h` */
  readonly header: string;
  /** Names that it defines; more than one where it has branches. */
  readonly defines: readonly string[];
  /** Its comment, in one line. */
  readonly comment: string;
  /** The item as it stands in its header, comment and all, without blank lines around it. */
  readonly text: string;
  /** The same without its comment. */
  readonly code: string;
  /** Names that it mentions and does not define itself. */
  readonly mentions: ReadonlySet<string>;
}

/**
 * The items of a header of the library, in their order. A header begins with a comment about itself; after
 * that, each item begins with a doc comment and reaches to the next. Throws LIBRARY_INVALID where a header is
 * not of this form.
 */
export function splitHeader(header: string, text: string): LibraryItem[] {
  const [about, ...items] = text.split(/^(?=\/\*\*)/m);
  if (!/^\/\* [^*]+\*\/\s*$/.test(about ?? ''))
    throw new FarcallError('LIBRARY_INVALID', `${header} does not begin with a comment about itself`);
  return items.map(item => readItem(header, item.trim()));
}

function readItem(header: string, text: string): LibraryItem {
  const found = /^\/\*\*([\s\S]*?)\*\/\n([\s\S]*)$/.exec(text);
  const defines = found ? definedIn(found[2]!) : [];
  if (!found || defines.length === 0)
    throw new FarcallError(
      'LIBRARY_INVALID',
      `${header} has an item that defines nothing: ${text.slice(0, 80)}`,
    );
  const code = found[2]!;
  const mentions = namesIn(code);
  for (const name of defines) mentions.delete(name);
  const comment = found[1]!.replace(/\s*\n\s*\*?\s*/g, ' ').trim();
  return { header, defines, comment, text, code, mentions };
}

/** What the lines of an item define that begin at the left edge. */
function definedIn(code: string): string[] {
  const names = new Set<string>();
  for (const line of code.split('\n')) {
    const name =
      /^#define (\w+)/.exec(line)?.[1] ??
      /^extern [^;]*?(\w+)(?:\[\w*\])*;/.exec(line)?.[1] ??
      /^static [^;=(]*?(\w+)(?:\[\w*\])*;/.exec(line)?.[1] ??
      /^(?:static inline|struct \w+|enum \w+|\w+)[^;=(]*?(\w+)\(/.exec(line)?.[1] ??
      /^(?:struct|union|enum) (\w+) \{/.exec(line)?.[1];
    if (name) names.add(name);
  }
  return [...names];
}
