import type { Macro } from './macro.ts';
import { isPunctuator } from './pp-token.ts';
import { preprocess } from './preprocess.ts';
import { scan } from './scan.ts';
import { programError } from './source.ts';

/** A prelude of all constants of a kernel's headers is some hundred kilobytes. */
const PRELUDE_LIMIT_BYTES = 1 << 20;

/**
 * Constants that programs may use though no kernel's BTF has them: a text of `#define` lines and comments.
 *
 * Threat: anyone who can change a prelude could change what an approved program means. So nothing reads it
 * but this, before approval: the definitions that a program uses are put before it, and are signed as a part
 * of it.
 */
export class Prelude {
  readonly #macros: ReadonlyMap<string, Macro>;

  /** Throws PROGRAM_* with the location if `text` holds anything else. */
  constructor(text: string) {
    const { tokens, macros } = preprocess(text, { limitBytes: PRELUDE_LIMIT_BYTES });
    if (tokens.length > 1)
      throw programError(
        'PROGRAM_SYNTAX',
        text,
        tokens[0]!.at,
        'a prelude can hold only #define lines and comments',
      );
    this.#macros = new Map(macros.map(macro => [macro.name, macro]));
  }

  /**
   * `program` with the definitions before it that it uses, directly or through others, in the order of the
   * prelude. What the program defines itself stays as it says. Throws PROGRAM_* where the program cannot be
   * read.
   */
  applyTo(program: string): string {
    const tokens = scan({ source: program, text: program, start: 0 });
    const own = new Set<string>();
    for (const [index, { text, kind }] of tokens.entries())
      if (
        kind === 'identifier' &&
        tokens[index - 1]?.text === 'define' &&
        isPunctuator(tokens[index - 2], '#')
      )
        own.add(text);
    const used = new Set<string>();
    const todo = tokens.flatMap(({ kind, text }) => (kind === 'identifier' ? [text] : []));
    for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
      const macro = own.has(name) || used.has(name) ? undefined : this.#macros.get(name);
      if (!macro) continue;
      used.add(name);
      todo.push(...macro.body.flatMap(({ kind, text }) => (kind === 'identifier' ? [text] : [])));
    }
    const lines = [...this.#macros.values()].filter(({ name }) => used.has(name)).map(({ source }) => source);
    return lines.length === 0 ? program : `${lines.join('\n')}\n${program}`;
  }
}
