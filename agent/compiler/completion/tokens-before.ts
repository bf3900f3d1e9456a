import { FarcallError } from '../../../shared/errors/index.ts';
import { preprocess, type Token } from '../preprocessor/index.ts';

/** So many characters that mean nothing are overlooked. */
const OVERLOOKED_LIMIT = 16;

/**
 * The tokens of a text that may be broken, the `end` among them; what cannot be understood is taken for
 * blanks.
 */
export function tokensOf(text: string): readonly Token[] {
  let readable = text;
  for (let tries = 0; tries <= OVERLOOKED_LIMIT; tries++) {
    try {
      return preprocess(readable, { limitBytes: Number.POSITIVE_INFINITY, isPart: true }).tokens;
    } catch (thrown) {
      if (!(thrown instanceof FarcallError) || !thrown.location) throw thrown;
      readable = blanked(readable, offsetOf(readable, thrown.location));
    }
  }
  return [{ kind: 'end', at: text.length }];
}

function offsetOf(
  text: string,
  { line, column }: { readonly line: number; readonly column: number },
): number {
  let start = 0;
  for (let passed = 1; passed < line; passed++) start = text.indexOf('\n', start) + 1;
  return start + column - 1;
}

/** With blanks for the word, the number or the character at `offset`; of a directive, for its line. */
function blanked(text: string, offset: number): string {
  const piece = /^(?:#[^\n]*|[\w$']+|[\s\S])/u.exec(text.slice(offset))?.[0] ?? '';
  return `${text.slice(0, offset)}${' '.repeat(piece.length)}${text.slice(offset + piece.length)}`;
}
