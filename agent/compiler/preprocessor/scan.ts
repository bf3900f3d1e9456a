import { FarcallError } from '../../../shared/errors/index.ts';
import { isPunctuator, type PpToken } from './pp-token.ts';
import { type Offset, programError, type SourceText } from './source.ts';
import { PUNCTUATORS } from './token.ts';

// A backslash at the end of a line joins it with the next (C11 5.1.1.2, phase 2).
const BLANK = /(?:[ \t\r\n\f\v]+|\\\r?\n|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;

/** What makes more of a blank than indents and ends of lines. */
const NOT_BLANK = /[^ \t\n]/;

const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

const KINDS = ['identifier', 'number', 'string', 'character', 'punctuator', 'other'] as const;

const TOKEN = new RegExp(
  [
    '([A-Za-z_$][\\w$]*)',
    // C23 6.4.4.1: a ' stands between two digits. Two dots end a number: `2..9` is a range of a parameter.
    "([0-9](?:'(?=[0-9A-Za-z])|\\w|\\.(?!\\.(?!\\.)))*)",
    '("(?:[^"\\\\\\n]|\\\\[\\s\\S])*")',
    "('(?:[^'\\\\\\n]|\\\\[\\s\\S])*')",
    `(${['##', '#', ...PUNCTUATORS].map(text => text.replace(/[$.*+?()[\]{}|^]/g, '\\$&')).join('|')})`,
    // Of a quote without an end, the whole line: it is read once.
    '(["\'][^\\n]*|[\\s\\S])',
  ].join('|'),
  'uy',
);

/** A text that is split into tokens. */
export interface ScanInput {
  readonly source: SourceText;
  readonly text: string;
  /** Offset of its first character. */
  readonly start: Offset;
}

/**
 * Splits a text into preprocessing tokens (C11 6.4). What is no token of C is one of kind `other`; only
 * comments are refused here. Throws PROGRAM_SYNTAX with the location.
 */
export function scan(input: ScanInput): PpToken[] {
  const { text, start } = input;
  const tokens: PpToken[] = [];
  for (let at = 0, startsLine = true; ; startsLine = false) {
    BLANK.lastIndex = at;
    const blank = BLANK.exec(text)?.[0] ?? '';
    if (blank !== '') {
      refuseMisleading(input, at, blank);
      startsLine ||= holdsNewline(blank);
      at += blank.length;
    }
    if (at >= text.length) return tokens;
    if (text.startsWith('/*', at)) throw syntax(input, at, 'this comment has no end');
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text)!;
    const kind = kindOf(found);
    tokens.push({ kind, text: found[0], at: start + at, spaced: blank !== '', startsLine });
    at += found[0].length;
  }
}

/** The kind of a token, by the group that has found it. */
function kindOf(found: RegExpExecArray): PpToken['kind'] {
  let group = 1;
  while (found[group] === undefined) group++;
  return KINDS[group - 1]!;
}

/** The one token that `text` is, if it is one: for what `##` makes. */
export function scanOne(text: string): PpToken['kind'] | undefined {
  TOKEN.lastIndex = 0;
  const found = TOKEN.exec(text);
  if (found?.[0].length !== text.length) return undefined;
  const kind = kindOf(found);
  return kind === 'other' ? undefined : kind;
}

/**
 * The modules that a program names behind an `@`. Threat: a word in a comment or a string that brings the
 * types of a module in. An approver would not see that the program needs that module. So only code names
 * modules.
 */
export function modulesNamedIn(text: string): readonly string[] {
  if (!text.includes('@')) return [];
  try {
    const tokens = scan({ source: text, text, start: 0 });
    const named = tokens.filter((_token, index) => isPunctuator(tokens[index - 1], '@'));
    return [...new Set(named.map(token => token.text))];
  } catch (thrown) {
    // The preprocessor says the same, with more around it.
    if (thrown instanceof FarcallError) return [];
    throw thrown;
  }
}

/** Whether a line ends in it, for C: not within a comment, nor behind a backslash. */
function holdsNewline(blank: string): boolean {
  if (!/[/\\]/.test(blank)) return blank.includes('\n');
  return withoutComments(blank)
    .replace(/\\\r?\n/g, '')
    .includes('\n');
}

function withoutComments(blank: string): string {
  return blank.replace(COMMENT, ' ');
}

/**
 * Threat: a comment that ends elsewhere than it seems to, or tokens that are others than they seem. A
 * backslash at the end of a `//` line takes the next line into the comment in C, with spaces behind it in
 * gcc, and as a trigraph before C23; it joins the star and slash that end a comment, and the parts of a
 * token. Other characters look like those that end a comment, or end a line for people and not for compilers.
 * An approver would read code that is none, or miss code that is there. So comments are ASCII, each ends
 * where it seems to, and no line is joined in the middle of a token.
 */
function refuseMisleading(input: ScanInput, at: number, blank: string): void {
  if (!NOT_BLANK.test(blank)) return;
  const foreign = blank.search(/[^\t\n\r\x20-\x7e]|\r(?!\n)/);
  if (foreign >= 0) {
    const code = input.text
      .codePointAt(at + foreign)!
      .toString(16)
      .toUpperCase()
      .padStart(4, '0');
    const where = 'here or in a comment: only string literals can have it';
    throw syntax(input, at + foreign, `the character U+${code} cannot be ${where}`);
  }
  for (const { 0: comment, index } of blank.matchAll(COMMENT)) {
    if (LINE_GOES_ON.test(comment) && blank[index + comment.length] === '\n') {
      const message =
        'this comment ends with a backslash, which in C makes the next line a comment too; end it otherwise';
      throw syntax(input, at + index, message);
    }
    if (JOINED_END.test(comment))
      throw syntax(input, at + index, 'in C this comment ends at a star and a slash that a backslash joins');
  }
  const isBetween = at > 0 && at + blank.length < input.text.length;
  if (isBetween && ONLY_JOINED.test(blank))
    throw syntax(input, at, 'in C this backslash makes one token of two; put a space before it');
}

/** A `//` comment behind which C and its compilers go on in the next line. */
const LINE_GOES_ON = /^\/\/[^\n]*(?:\\|\?\?\/)[ \t]*\r?$/;

/** The end of a block comment, with joined lines between its two characters. */
const JOINED_END = /\*(?:(?:\\|\?\?\/)[ \t]*\r?\n)+\//;

/** Joined lines, and nothing else. */
const ONLY_JOINED = /^(?:\\\r?\n)+$/;

function syntax({ source, start }: ScanInput, at: number, message: string): Error {
  return programError('PROGRAM_SYNTAX', source, start + at, message);
}
