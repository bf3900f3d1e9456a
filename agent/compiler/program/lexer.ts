import { type ErrorCode, FarcallError } from '../../../shared/errors/index.ts';
import { PROGRAM_LIMIT_BYTES } from '../../../shared/limits/index.ts';
import { type Macro, Macros } from './macros.ts';
import { readQuoted } from './quoted.ts';
import { REJECTED_KEYWORDS } from './rejected-keywords.ts';
import { isReservedName } from './reserved-names.ts';
import { type Offset, programError } from './source.ts';
import { type IntegerSuffix, PUNCTUATORS, type Punctuator, type Token } from './token.ts';

const BY_FIRST = new Map<string, Punctuator[]>();
for (const text of PUNCTUATORS) BY_FIRST.set(text[0]!, [...(BY_FIRST.get(text[0]!) ?? []), text]);

/** Different names in one program; each is searched for among all strings of a kernel's BTF. */
const NAMES_LIMIT = 256;

// A backslash at the end of a line joins it with the next (C11 5.1.1.2, phase 2).
const BLANK = /(?:[ \t\r\n\f\v]+|\\\r?\n|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const BLANK_IN_LINE = /(?:[ \t\r\f\v]+|\\\r?\n|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const IDENTIFIER = /[A-Za-z_$][A-Za-z0-9_$]*/y;
// Modules are named after files: 9p, 8021q.
const MODULE_NAME = /[A-Za-z0-9_]+/y;
// C23 6.4.4.1: a ' stands between two digits.
const NUMBER = /0[xX][0-9A-Fa-f]+(?:'[0-9A-Fa-f]+)*|0[bB][01]+(?:'[01]+)*|[0-9]+(?:'[0-9]+)*/y;
const NUMBER_TAIL = /[A-Za-z0-9_.]*/y;

/** The limits of a text. */
export interface LexLimits {
  readonly bytes: number;
  /** Different names; each is searched for among all strings of a kernel's BTF. */
  readonly names: number;
}

const PROGRAM_LIMITS: LexLimits = { bytes: PROGRAM_LIMIT_BYTES, names: NAMES_LIMIT };

/** A text as the lexer sees it. */
export interface LexedText {
  /** Macros are expanded; the last one is of kind `end`. */
  readonly tokens: readonly Token[];
  readonly macros: readonly Macro[];
  /** Every name that stands in the text outside of `#define` lines. */
  readonly mentioned: ReadonlySet<string>;
}

/** The tokens of a call program, ended by one of kind `end`; see {@link lex}. */
export function tokenize(text: string): readonly Token[] {
  return lex(text).tokens;
}

/**
 * Splits a text into tokens. Throws PROGRAM_TOO_LARGE, PROGRAM_SYNTAX or PROGRAM_UNSUPPORTED with the
 * location. C11 6.4. Of the preprocessor there is `#define NAME tokens` alone: a kernel's own macros are not
 * in its BTF, and must come with the program.
 */
export function lex(text: string, limits = PROGRAM_LIMITS): LexedText {
  if (Buffer.byteLength(text) > limits.bytes) {
    throw new FarcallError(
      'PROGRAM_TOO_LARGE',
      `the program has ${Buffer.byteLength(text)} bytes; the limit is ${limits.bytes}`,
    );
  }
  const macros = new Macros(text);
  const tokens: Token[] = [];
  const names = new Set<string>();
  const mentioned = new Set<string>();
  let [at, before] = [skipBlank(text, 0), 0];
  while (at < text.length) {
    if (text[at] === '#' && (before === 0 || text.slice(before, at).includes('\n'))) {
      before = readDirective(text, at, macros);
    } else {
      const moduleName = readModuleName(text, at, tokens.at(-1));
      const { token, end } = moduleName ?? readToken(text, at);
      if (token.kind === 'identifier') mentioned.add(token.name);
      for (const each of moduleName ? [token] : macros.expand(token)) {
        if (each.kind === 'identifier' && names.add(each.name).size > limits.names)
          throw syntax(text, at, `the program has more than ${limits.names} different names`);
        tokens.push(each);
      }
      before = end;
    }
    at = skipBlank(text, before);
  }
  tokens.push({ kind: 'end', at: text.length });
  return { tokens, macros: macros.all, mentioned };
}

/** `#define NAME tokens`, to the end of its line. */
function readDirective(text: string, start: Offset, macros: Macros): Offset {
  const at = skipBlank(text, start + 1, BLANK_IN_LINE);
  const directive = match(IDENTIFIER, text, at) ?? '';
  if (directive !== 'define') {
    const message = `call programs have no #${directive}; the only preprocessor directive is #define NAME VALUE`;
    throw syntax(text, start, message, 'PROGRAM_UNSUPPORTED');
  }
  const nameAt = skipBlank(text, at + directive.length, BLANK_IN_LINE);
  const name = match(IDENTIFIER, text, nameAt);
  if (name === undefined || nameAt === at + directive.length)
    throw syntax(text, nameAt, 'expected the name of a constant after #define');
  if (isReservedName(name))
    throw syntax(
      text,
      nameAt,
      `'${name}' belongs to the language, and #define cannot give it another meaning`,
    );
  let next = nameAt + name.length;
  if (text[next] === '(') {
    const message = `'${name}' is a macro with parameters, which call programs do not have; define a value, or write a space before the (`;
    throw syntax(text, nameAt, message, 'PROGRAM_UNSUPPORTED');
  }
  const body: Token[] = [];
  for (next = skipBlank(text, next, BLANK_IN_LINE); next < text.length && text[next] !== '\n'; ) {
    const { token, end } = readModuleName(text, next, body.at(-1)) ?? readToken(text, next);
    body.push(token);
    next = skipBlank(text, end, BLANK_IN_LINE);
  }
  macros.define({ name, body, source: text.slice(start, next).trimEnd() }, nameAt);
  return next;
}

interface Lexed {
  readonly token: Token;
  readonly end: Offset;
}

function readModuleName(text: string, at: Offset, before: Token | undefined): Lexed | undefined {
  if (before?.kind !== 'punctuator' || before.text !== '@') return undefined;
  const name = match(MODULE_NAME, text, at);
  return name === undefined ? undefined : { token: { kind: 'identifier', name, at }, end: at + name.length };
}

function readToken(text: string, at: Offset): Lexed {
  const first = text[at]!;
  if (first === '"' || first === "'") return readQuoted(text, at);
  const identifier = match(IDENTIFIER, text, at);
  if (identifier) {
    const quote = text[at + identifier.length];
    if (/^(?:u8|u|U|L)$/.test(identifier) && (quote === '"' || quote === "'")) {
      throw programError(
        'PROGRAM_UNSUPPORTED',
        text,
        at,
        'call programs have no wide or UTF literals; write a plain one',
      );
    }
    const refused = REJECTED_KEYWORDS.get(identifier);
    if (refused)
      throw syntax(text, at, `call programs have no '${identifier}': ${refused}`, 'PROGRAM_UNSUPPORTED');
    return { token: { kind: 'identifier', name: identifier, at }, end: at + identifier.length };
  }
  if (first >= '0' && first <= '9') return readInteger(text, at);
  return readPunctuator(text, at);
}

function readPunctuator(text: string, at: Offset): Lexed {
  const punctuator = BY_FIRST.get(text[at]!)?.find(candidate => text.startsWith(candidate, at));
  if (punctuator) return { token: { kind: 'punctuator', text: punctuator, at }, end: at + punctuator.length };
  if (text[at] === '#') throw syntax(text, at, "a '#' must start its line: #define NAME VALUE");
  const code = text.codePointAt(at)!;
  throw syntax(
    text,
    at,
    `C does not allow the character U+${code.toString(16).toUpperCase().padStart(4, '0')} here`,
  );
}

function readInteger(text: string, at: Offset): Lexed {
  const digits = match(NUMBER, text, at)!;
  const tail = match(NUMBER_TAIL, text, at + digits.length) ?? '';
  const end = at + digits.length + tail.length;
  if (tail.startsWith('.') || /^[eEpP][0-9+-]/.test(tail)) {
    throw syntax(text, at, 'call programs cannot use floating-point numbers', 'PROGRAM_UNSUPPORTED');
  }
  const suffix = readSuffix(tail);
  if (!suffix)
    throw syntax(text, at + digits.length, `'${tail}' cannot follow a number; u, l, ul, ll and ull can`);
  const value = integerValue(text, at, digits.replaceAll("'", ''));
  if (value >= 1n << 64n) throw syntax(text, at, 'the number needs more than 64 bits');
  return { token: { kind: 'integer', value, decimal: /^[1-9]/.test(digits), suffix, at }, end };
}

function integerValue(text: string, at: Offset, digits: string): bigint {
  if (!/^0[0-9]/.test(digits)) return BigInt(digits);
  const wrong = digits.search(/[89]/);
  if (wrong >= 0) throw syntax(text, at + wrong, `an octal number cannot have the digit ${digits[wrong]}`);
  return BigInt(`0o${digits.slice(1)}`);
}

function readSuffix(tail: string): IntegerSuffix | undefined {
  const parsed = /^(?:(u)?(ll|l)?|(ll|l)(u))$/.exec(tail.toLowerCase());
  if (!parsed || /lL|Ll/.test(tail)) return undefined;
  const longs = (parsed[2] ?? parsed[3] ?? '').length as 0 | 1 | 2;
  return { unsigned: Boolean(parsed[1] ?? parsed[4]), longs };
}

function skipBlank(text: string, at: Offset, blank = BLANK): Offset {
  const skipped = match(blank, text, at) ?? '';
  const end = at + skipped.length;
  if (text.startsWith('/*', end)) throw syntax(text, end, 'this comment has no end');
  refuseMisleading(text, at, skipped);
  return end;
}

/**
 * Threat: a comment that ends elsewhere than it seems to. A backslash at the end of a `//` line takes the
 * next line into the comment in C, and other characters look like those that end a comment. An approver would
 * read code that is none, or miss code that is there. So comments are ASCII, and each ends where it seems to.
 */
function refuseMisleading(text: string, at: Offset, skipped: string): void {
  const foreign = skipped.search(/[^\t\n\v\f\r\x20-\x7e]/);
  if (foreign >= 0)
    throw foreignCharacter(text, at + foreign, 'in a comment: only string literals can have it');
  const spliced = /\/\/[^\n]*\\\r?\n/.exec(withoutBlocks(skipped));
  if (spliced)
    throw syntax(
      text,
      at + spliced.index,
      'this comment ends with a backslash, which in C makes the next line a comment too; end it otherwise',
    );
}

/** The same text, of the same length, with spaces for comments of the other kind, which `//` may stand in. */
function withoutBlocks(blank: string): string {
  return blank.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, comment =>
    comment.startsWith('//') ? comment : ' '.repeat(comment.length),
  );
}

function foreignCharacter(text: string, at: Offset, where: string): FarcallError {
  const code = text.codePointAt(at)!;
  return syntax(
    text,
    at,
    `the character U+${code.toString(16).toUpperCase().padStart(4, '0')} cannot be ${where}`,
  );
}

function match(pattern: RegExp, text: string, at: Offset): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function syntax(text: string, at: Offset, message: string, code: ErrorCode = 'PROGRAM_SYNTAX'): FarcallError {
  return programError(code, text, at, message);
}
