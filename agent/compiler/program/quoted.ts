import { type Offset, programError } from './source.ts';
import type { Token } from './token.ts';

/** C11 6.4.4.4, and `\e` as gcc has it. */
const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  "'": 39,
  '"': 34,
  '?': 63,
  '\\': 92,
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  e: 27,
};

/** C11 6.4.3. */
const UNIVERSAL_NAME = /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/y;

const NUMERIC_ESCAPE = /\\(?:x([0-9A-Fa-f]+)|([0-7]{1,3}))/y;

/**
 * The string or character literal at `at`. Text outside of escapes is taken as UTF-8. Throws PROGRAM_SYNTAX
 * where it has no end, or an escape has no meaning.
 */
export function readQuoted(text: string, at: Offset): { readonly token: Token; readonly end: Offset } {
  const quote = text[at]!;
  const what = quote === '"' ? 'string' : 'character';
  const bytes: number[] = [];
  let next = at + 1;
  while (text[next] !== quote) {
    if (next >= text.length || text[next] === '\n') {
      throw programError(
        'PROGRAM_SYNTAX',
        text,
        at,
        `this ${what} has no end; a ${quote} is missing on its line`,
      );
    }
    next = text[next] === '\\' ? readEscape(text, next, bytes) : readPlain(text, next, bytes);
  }
  const end = next + 1;
  if (quote === '"') return { token: { kind: 'string', bytes: Uint8Array.from(bytes), at }, end };
  if (bytes.length !== 1)
    throw programError('PROGRAM_SYNTAX', text, at, 'a character literal must hold exactly one byte');
  return { token: { kind: 'character', value: bytes[0]!, at }, end };
}

function readPlain(text: string, at: Offset, bytes: number[]): Offset {
  const character = String.fromCodePoint(text.codePointAt(at)!);
  bytes.push(...Buffer.from(character, 'utf8'));
  return at + character.length;
}

function readEscape(text: string, at: Offset, bytes: number[]): Offset {
  NUMERIC_ESCAPE.lastIndex = at;
  const numeric = NUMERIC_ESCAPE.exec(text);
  if (numeric) {
    const value =
      numeric[1] === undefined ? Number.parseInt(numeric[2]!, 8) : Number.parseInt(numeric[1], 16);
    if (value > 255)
      throw programError('PROGRAM_SYNTAX', text, at, 'the value of this escape does not fit in one byte');
    bytes.push(value);
    return at + numeric[0].length;
  }
  UNIVERSAL_NAME.lastIndex = at;
  const universal = UNIVERSAL_NAME.exec(text);
  if (universal) return readUniversalName(text, at, universal, bytes);
  const simple = SIMPLE_ESCAPES[text[at + 1] ?? ''];
  if (simple === undefined)
    throw programError('PROGRAM_SYNTAX', text, at, `C has no escape '\\${text[at + 1] ?? ''}'`);
  bytes.push(simple);
  return at + 2;
}

/** `\u20ac`: the character in UTF-8. */
function readUniversalName(
  text: string,
  at: Offset,
  [whole, short, long]: RegExpExecArray,
  bytes: number[],
): Offset {
  const code = Number.parseInt(short ?? long!, 16);
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
    throw programError('PROGRAM_SYNTAX', text, at, `'${whole}' is not a Unicode character`);
  bytes.push(...Buffer.from(String.fromCodePoint(code), 'utf8'));
  return at + whole.length;
}
