import { type Offset, programError } from './source.ts';
import type { Token } from './token.ts';

/**
 * Tokens that all macros of a program may make: a few that double each other would make more than a machine
 * holds.
 */
const EXPANDED_LIMIT = 20_000;

/** Macros that name macros; the recursion of {@link Macros.expand}. */
const DEPTH_LIMIT = 64;

/** One `#define`. */
export interface Macro {
  readonly name: string;
  readonly body: readonly Token[];
  /** From its `#` to the end of its line. */
  readonly source: string;
}

/** The object-like macros of one program (C11 6.10.3), each known from its `#define` on. */
export class Macros {
  readonly #text: string;
  readonly #bodies = new Map<string, readonly Token[]>();
  readonly #all: Macro[] = [];
  #expanded = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Every macro once, in the order of the text. */
  get all(): readonly Macro[] {
    return this.#all;
  }

  /** `#define name body`. Throws PROGRAM_SYNTAX where it is another body than before. */
  define(macro: Macro, at: Offset): void {
    const { name, body } = macro;
    const known = this.#bodies.get(name);
    if (known && !sameTokens(known, body))
      throw programError('PROGRAM_SYNTAX', this.#text, at, `'${name}' is already defined with another value`);
    if (!known) this.#all.push(macro);
    this.#bodies.set(name, body);
  }

  /** The tokens that replace `token`. Each has the offset of the use, since errors are about the use. */
  expand(token: Token): readonly Token[] {
    if (token.kind !== 'identifier' || !this.#bodies.has(token.name)) return [token];
    const made: Token[] = [];
    this.#expand(token, token.at, [], made);
    return made;
  }

  /** A macro does not stand for anything in its own body (C11 6.10.3.4, 2). */
  #expand(token: Token, at: Offset, active: readonly string[], made: Token[]): void {
    const body =
      token.kind === 'identifier' && !active.includes(token.name) ? this.#bodies.get(token.name) : undefined;
    if (!body || token.kind !== 'identifier') {
      if (++this.#expanded > EXPANDED_LIMIT)
        throw programError(
          'PROGRAM_TOO_LARGE',
          this.#text,
          at,
          `macros expand to more than ${EXPANDED_LIMIT} tokens`,
        );
      made.push({ ...token, at });
      return;
    }
    if (active.length === DEPTH_LIMIT)
      throw programError('PROGRAM_SYNTAX', this.#text, at, `macros are nested more than ${DEPTH_LIMIT} deep`);
    for (const each of body) this.#expand(each, at, [...active, token.name], made);
  }
}

function sameTokens(one: readonly Token[], other: readonly Token[]): boolean {
  const spelled = (tokens: readonly Token[]): string =>
    JSON.stringify(tokens, (key, value) => {
      if (key === 'at') return undefined;
      return typeof value === 'bigint' ? String(value) : value;
    });
  return spelled(one) === spelled(other);
}
