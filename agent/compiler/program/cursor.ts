import type { ErrorCode, FarcallError } from '../../../shared/errors/index.ts';
import {
  type Offset,
  type Punctuator,
  programError,
  type SourceText,
  type Token,
} from '../preprocessor/index.ts';

/** How deep expressions may nest; a parser that recurses must stop before the machine's stack does. */
export const NESTING_LIMIT = 200;

/**
 * How many operators one expression may have: a long chain of them is a tree as deep, and later stages
 * recurse too.
 */
export const OPERATOR_LIMIT = 1000;

/** The position of a parser in the tokens of one program. */
export class Cursor {
  readonly #source: SourceText;
  readonly #tokens: readonly Token[];
  #next: number;
  #depth = 0;
  #operators = 0;
  #expressions = 0;

  /** `tokens` end with one of kind `end`; `start` is the number of the first that is taken. */
  constructor(source: SourceText, tokens: readonly Token[], start = 0) {
    this.#source = source;
    this.#tokens = tokens;
    this.#next = start;
  }

  /** Number of the next token. */
  get position(): number {
    return this.#next;
  }

  /** The token `ahead` of the next one; past the end it is the one of kind `end`. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!;
  }

  /** Takes the next token. */
  next(): Token {
    const token = this.peek();
    this.#next++;
    return token;
  }

  /** Whether the token `ahead` of the next one is this punctuator. */
  sees(text: Punctuator, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'punctuator' && token.text === text;
  }

  /** Takes the next token if it is this punctuator. */
  takes(text: Punctuator): boolean {
    if (!this.sees(text)) return false;
    this.#next++;
    return true;
  }

  /** Whether the token `ahead` of the next one is this word. */
  seesIdentifier(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'identifier' && token.name === word;
  }

  /** Takes the next token if it is this word. */
  takesIdentifier(word: string): boolean {
    if (!this.seesIdentifier(word)) return false;
    this.#next++;
    return true;
  }

  /** Takes this punctuator, or throws PROGRAM_SYNTAX with what stands there instead. */
  expect(text: Punctuator, after: string): void {
    if (!this.takes(text)) throw this.unexpected(`'${text}' ${after}`);
  }

  /** Takes the name that must come next, or throws PROGRAM_SYNTAX. */
  identifier(wanted: string): Extract<Token, { kind: 'identifier' }> {
    const token = this.peek();
    if (token.kind !== 'identifier') throw this.unexpected(wanted);
    this.#next++;
    return token;
  }

  /** The error for a token that cannot stand where it does; `hint` is its end. */
  unexpected(wanted: string, hint = ''): FarcallError {
    const token = this.peek();
    return this.error(token.at, `expected ${wanted}, found ${describe(token)}${hint}`);
  }

  /** An error at `at`. */
  error(at: Offset, message: string, code: ErrorCode = 'PROGRAM_SYNTAX'): FarcallError {
    return programError(code, this.#source, at, message);
  }

  /** Takes the operator that comes next, and counts it; throws PROGRAM_SYNTAX past the limit. */
  operator(): Token {
    if (++this.#operators > OPERATOR_LIMIT)
      throw this.error(this.peek().at, `this expression has more than ${OPERATOR_LIMIT} operators`);
    return this.next();
  }

  /** Runs `parse`, which reads an expression; the operators of the outermost are counted. */
  expression<T>(parse: () => T): T {
    if (this.#expressions++ === 0) this.#operators = 0;
    const result = parse();
    this.#expressions--;
    return result;
  }

  /** Runs `parse` one level deeper; throws PROGRAM_SYNTAX past the limit. */
  nested<T>(parse: () => T): T {
    if (this.#depth >= NESTING_LIMIT)
      throw this.error(this.peek().at, `the program has more than ${NESTING_LIMIT} levels of nesting`);
    this.#depth++;
    const result = parse();
    this.#depth--;
    return result;
  }
}

function describe(token: Token): string {
  switch (token.kind) {
    case 'identifier':
      return `'${token.name}'`;
    case 'punctuator':
      return `'${token.text}'`;
    case 'integer':
      return `the number ${token.value}`;
    case 'character':
      return 'a character';
    case 'string':
      return 'a string';
    case 'end':
      return 'the end of the program';
  }
}
