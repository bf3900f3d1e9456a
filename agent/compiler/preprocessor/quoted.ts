import type { Offset } from './source.ts';
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

/** Makes the error for what stands `index` characters into a token. */
export type Fail = (index: number, message: string) => Error;

/**
 * The string or character literal that `text` is, which stands at `at`. Text outside of escapes is taken as
 * UTF-8. Throws what `fail` makes where an escape has no meaning.
 */
export function readQuoted(text: string, at: Offset, fail: Fail): Token {
  const bytes: number[] = [];
  for (let next = 1; next < text.length - 1; )
    next = text[next] === '\\' ? readEscape(text, next, bytes, fail) : readPlain(text, next, bytes);
  if (text[0] === '"') return { kind: 'string', bytes: Uint8Array.from(bytes), at };
  if (bytes.length !== 1) throw fail(0, 'a character literal must hold exactly one byte');
  return { kind: 'character', value: bytes[0]!, at };
}

function readPlain(text: string, at: number, bytes: number[]): number {
  const code = text.codePointAt(at)!;
  if (code < 0x80) return bytes.push(code) && at + 1;
  const character = String.fromCodePoint(code);
  bytes.push(...Buffer.from(character, 'utf8'));
  return at + character.length;
}

function readEscape(text: string, at: number, bytes: number[], fail: Fail): number {
  NUMERIC_ESCAPE.lastIndex = at;
  const numeric = NUMERIC_ESCAPE.exec(text);
  if (numeric) {
    const value =
      numeric[1] === undefined ? Number.parseInt(numeric[2]!, 8) : Number.parseInt(numeric[1], 16);
    if (value > 255) throw fail(at, 'the value of this escape does not fit in one byte');
    bytes.push(value);
    return at + numeric[0].length;
  }
  UNIVERSAL_NAME.lastIndex = at;
  const universal = UNIVERSAL_NAME.exec(text);
  if (universal) return readUniversalName(at, universal, bytes, fail);
  const simple = SIMPLE_ESCAPES[text[at + 1] ?? ''];
  if (simple === undefined) throw fail(at, `C has no escape '\\${text[at + 1] ?? ''}'`);
  bytes.push(simple);
  return at + 2;
}

/** `\u20ac`: the character in UTF-8. */
function readUniversalName(
  at: number,
  [whole, short, long]: RegExpExecArray,
  bytes: number[],
  fail: Fail,
): number {
  const code = Number.parseInt(short ?? long!, 16);
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
    throw fail(at, `'${whole}' is not a Unicode character`);
  bytes.push(...Buffer.from(String.fromCodePoint(code), 'utf8'));
  return at + whole.length;
}
