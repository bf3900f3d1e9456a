import { FarcallError } from '../errors/index.ts';
import { isFactName } from '../messages/index.ts';
import { ALL, type Comparison, joined, negated, type Selector } from './selector.ts';

/** Longest selector, in characters: the limit of a request. It limits how many names and values there are. */
const LENGTH_LIMIT = 4096;

/** How deep groups and negations may be nested. */
const DEPTH_LIMIT = 32;

const NAME = /[a-z][a-z0-9_.-]{0,62}/y;
const HOST = /[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?/y;
const VALUE = /[A-Za-z0-9_.:+*?-]{0,128}/y;
const OPERATOR = /!=|=|!~|~|(?:not\s+)?in(?=\s*[({])/y;
const SPACE = /\s*/y;

/**
 * Reads a selector; see {@link Selector} for the language. Throws SELECTOR_INVALID with the column (from 1)
 * and what was expected there.
 */
export function parseSelector(text: string): Selector {
  if (text.length > LENGTH_LIMIT)
    throw new FarcallError(
      'SELECTOR_INVALID',
      `a selector has at most ${LENGTH_LIMIT} characters; this one has ${text.length}`,
    );
  return new Parser(text).parse();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Selector {
    const selector = this.#union();
    this.#space();
    if (this.#at < this.#text.length)
      throw this.#error(
        'expected , (and), | (or) or the end here; label values have letters, digits and _ . : + -',
      );
    return selector;
  }

  #union(): Selector {
    const parts = [this.#intersection()];
    while (this.#take('|')) parts.push(this.#intersection());
    return joined('or', parts);
  }

  #intersection(): Selector {
    const parts = [this.#term()];
    while (this.#take(',')) parts.push(this.#term());
    return joined('and', parts);
  }

  #term(): Selector {
    this.#space();
    if (this.#take('!')) return this.#within(() => negated(this.#term()));
    if (this.#take('(')) return this.#within(() => this.#group());
    if (this.#take('*')) return ALL;
    if (this.#take('@')) return this.#hosts();
    return this.#condition();
  }

  #group(): Selector {
    const start = this.#at;
    const inner = this.#union();
    if (!this.#take(')')) throw this.#error(`the ( of column ${start} is not closed; expected , | or ) here`);
    return inner;
  }

  /** `@a,@b`: a host has one name, so a comma between two names cannot mean "and". */
  #hosts(): Selector {
    const values = [this.#host()];
    for (let before = this.#at; this.#take(','); before = this.#at) {
      if (this.#take('@')) {
        values.push(this.#host());
        continue;
      }
      this.#at = before;
      break;
    }
    return { kind: 'equal', name: 'host', values };
  }

  #host(): string {
    const host = this.#match(HOST);
    if (!host) throw this.#error('expected the name of a host after @: a-z, 0-9 and -');
    return host;
  }

  #condition(): Selector {
    const start = this.#at;
    const name = this.#match(NAME);
    if (!name)
      throw this.#error(
        'expected a condition: label=value, label, !label, kernel~6.1, @host, (…), or * for all hosts',
      );
    this.#space();
    const operator = this.#match(OPERATOR);
    if (operator) return this.#comparison(name, operator);
    if (isFactName(name)) throw this.#error(`${name} is a fact of every host; write ${name}=value`, start);
    return { kind: 'present', name };
  }

  #comparison(name: string, operator: string): Selector {
    const kind = operator.endsWith('~') ? 'prefix' : 'equal';
    const found: Comparison = { kind, name, values: this.#values(operator) };
    if (kind === 'prefix' && found.values.some(value => /[*?]/.test(value)))
      throw this.#error(
        '~ compares beginnings and has no wildcards; kernel~6.1 selects 6.1 and 6.1.anything',
      );
    return operator.startsWith('!') || operator.startsWith('not') ? negated(found) : found;
  }

  #values(operator: string): readonly string[] {
    if (this.#take('{')) return this.#set('}');
    if (this.#take('(')) return this.#set(')');
    this.#space();
    const first = this.#value();
    if (first === '' && operator.endsWith('~'))
      throw this.#error('expected the beginning of a value after ~, such as kernel~6.1');
    const values = [first];
    for (let next = this.#alternative(); next !== undefined; next = this.#alternative()) {
      if (first === '')
        throw this.#error('an empty value cannot be combined with others; write (label=) | …');
      values.push(next);
    }
    return values;
  }

  #set(close: string): readonly string[] {
    const values: string[] = [];
    do {
      this.#space();
      const value = this.#value();
      if (value === '') throw this.#error('expected a value here, as in label in (a,b)');
      values.push(value);
    } while (this.#take(',') || this.#take('|'));
    if (!this.#take(close)) throw this.#error(`expected , or ${close} here`);
    return values;
  }

  /** The bare name after a `|`, if nothing makes it a condition of its own. */
  #alternative(): string | undefined {
    const before = this.#at;
    if (this.#take('|')) {
      this.#space();
      const value = this.#match(VALUE);
      this.#space();
      const isEnd = this.#at === this.#text.length || ',|)'.includes(this.#text[this.#at]!);
      if (value && value !== '*' && isEnd) return value;
    }
    this.#at = before;
    return undefined;
  }

  #value(): string {
    return this.#match(VALUE) ?? '';
  }

  #within<T>(inner: () => T): T {
    if (++this.#depth > DEPTH_LIMIT)
      throw this.#error(`groups and negations may be nested at most ${DEPTH_LIMIT} deep`);
    const value = inner();
    this.#depth--;
    return value;
  }

  #space(): void {
    this.#match(SPACE);
  }

  /** Consumes `character` and the spaces before it; returns whether it was there. */
  #take(character: string): boolean {
    const before = this.#at;
    this.#space();
    if (this.#text[this.#at] === character) {
      this.#at++;
      return true;
    }
    this.#at = before;
    return false;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #error(what: string, at = this.#at): FarcallError {
    const shown = this.#text.length > 80 ? `${this.#text.slice(0, 80)}…` : this.#text;
    return new FarcallError('SELECTOR_INVALID', `selector '${shown}', column ${at + 1}: ${what}`);
  }
}
