import type { ErrorCode } from '../../../shared/errors/index.ts';
import { isPunctuator, type PpToken } from './pp-token.ts';
import { readQuoted } from './quoted.ts';
import { REJECTED_KEYWORDS } from './rejected-keywords.ts';
import { programError, type Source } from './source.ts';
import type { IntegerSuffix, Punctuator, Token } from './token.ts';

const DIGITS = /^(?:0[xX][0-9A-Fa-f]+(?:'[0-9A-Fa-f]+)*|0[bB][01]+(?:'[01]+)*|[0-9]+(?:'[0-9]+)*)/;
// Modules are named after files: 9p, 8021q.
const MODULE_NAME = /^[A-Za-z0-9_]+$/;

/**
 * The tokens that preprocessing tokens become (C11 5.1.1.2, phase 7). Throws PROGRAM_SYNTAX or
 * PROGRAM_UNSUPPORTED with the location.
 */
export function toTokens(source: Source, tokens: readonly PpToken[]): Token[] {
  return tokens.map((token, index) => {
    if (isPunctuator(tokens[index - 1], '@') && MODULE_NAME.test(token.text))
      return { kind: 'identifier', name: token.text, at: token.at };
    return toToken(source, token, tokens[index + 1]);
  });
}

/** The token that a preprocessing token becomes; `next` is the one behind it. */
export function toToken(source: Source, token: PpToken, next?: PpToken): Token {
  const { kind, text, at } = token;
  switch (kind) {
    case 'identifier':
      return identifier(source, token, next);
    case 'number':
      return integer(source, token);
    case 'string':
    case 'character':
      return readQuoted(text, at, (index, message) => failure(source, token, index, message));
    case 'punctuator':
      if (text.startsWith('#')) throw failure(source, token, 0, `a '${text}' can only be in a directive`);
      return { kind, text: text as Punctuator, at };
    case 'other':
      throw notAllowed(source, token);
  }
}

function identifier(source: Source, token: PpToken, next: PpToken | undefined): Token {
  const { text, at } = token;
  const isQuoted = (next?.kind === 'string' || next?.kind === 'character') && !next.spaced;
  if (isQuoted && /^(?:u8|u|U|L)$/.test(text)) {
    const message = 'call programs have no wide or UTF literals; write a plain one';
    throw failure(source, token, 0, message, 'PROGRAM_UNSUPPORTED');
  }
  const refused = REJECTED_KEYWORDS.get(text);
  if (refused)
    throw failure(source, token, 0, `call programs have no '${text}': ${refused}`, 'PROGRAM_UNSUPPORTED');
  return { kind: 'identifier', name: text, at };
}

function notAllowed(source: Source, token: PpToken): Error {
  const { text } = token;
  const quote = text[0];
  if (quote === '"' || quote === "'") {
    const what = quote === '"' ? 'string' : 'character';
    return failure(source, token, 0, `this ${what} has no end; a ${quote} is missing on its line`);
  }
  const code = text.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return failure(source, token, 0, `C does not allow the character U+${code} here`);
}

function integer(source: Source, token: PpToken): Token {
  const { text, at } = token;
  const digits = DIGITS.exec(text)![0];
  const tail = text.slice(digits.length);
  if (tail.startsWith('.') || /^[eEpP](?:$|[0-9])/.test(tail)) {
    const message = 'call programs cannot use floating-point numbers';
    throw failure(source, token, 0, message, 'PROGRAM_UNSUPPORTED');
  }
  const suffix = readSuffix(tail);
  if (!suffix) {
    const message = `'${tail}' cannot follow a number; u, l, ul, ll and ull can`;
    throw failure(source, token, digits.length, message);
  }
  const value = integerValue(source, token, digits.replaceAll("'", ''));
  if (value >= 1n << 64n) throw failure(source, token, 0, 'the number needs more than 64 bits');
  return { kind: 'integer', value, decimal: /^[1-9]/.test(digits), suffix, at };
}

function integerValue(source: Source, token: PpToken, digits: string): bigint {
  if (!/^0[0-9]/.test(digits)) return BigInt(digits);
  const wrong = digits.search(/[89]/);
  if (wrong >= 0)
    throw failure(source, token, wrong, `an octal number cannot have the digit ${digits[wrong]}`);
  return BigInt(`0o${digits.slice(1)}`);
}

function readSuffix(tail: string): IntegerSuffix | undefined {
  const parsed = /^(?:(u)?(ll|l)?|(ll|l)(u))$/.exec(tail.toLowerCase());
  if (!parsed || /lL|Ll/.test(tail)) return undefined;
  const longs = (parsed[2] ?? parsed[3] ?? '').length as 0 | 1 | 2;
  return { unsigned: Boolean(parsed[1] ?? parsed[4]), longs };
}

/** An error `index` characters into the token; what a macro made has only one offset. */
function failure(
  source: Source,
  { at }: PpToken,
  index: number,
  message: string,
  code: ErrorCode = 'PROGRAM_SYNTAX',
): Error {
  return programError(code, source, source.expansionAt(at) ? at : at + index, message);
}
