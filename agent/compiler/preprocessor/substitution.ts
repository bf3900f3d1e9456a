import type { Macro } from './macro.ts';
import { isPunctuator, type PpToken, spellTokens } from './pp-token.ts';
import { scanOne } from './scan.ts';
import { type Offset, programError, type Source } from './source.ts';

/** One use of a macro. */
export interface SubstitutionInput {
  /** The tokens of each argument, as they were written. */
  readonly args: readonly (readonly PpToken[])[];
  readonly use: Offset;
  readonly source: Source;
  /** Replaces macros in an argument. */
  readonly expand: (tokens: readonly PpToken[]) => readonly PpToken[];
  /** Counts tokens, before they are made. */
  readonly count: (made: number) => void;
}

/** Puts the arguments of one use of a macro into its body (C11 6.10.3.1 to 6.10.3.3). */
export class Substitution {
  readonly #macro: Macro;
  readonly #input: SubstitutionInput;
  readonly #expanded: (readonly PpToken[] | undefined)[] = [];
  /** Where the tokens of the body are, as the program sees them. */
  readonly #places = new Map<PpToken, Offset>();

  constructor(macro: Macro, input: SubstitutionInput) {
    this.#macro = macro;
    this.#input = input;
  }

  /** The body with the arguments in it. */
  tokens(): PpToken[] {
    return this.#substitute(this.#macro.body);
  }

  #substitute(body: readonly PpToken[]): PpToken[] {
    const made: PpToken[] = [];
    for (let at = 0; at < body.length; ) {
      if (isPunctuator(body[at], '##')) {
        const { tokens, next } = this.#operand(body, at + 1, true);
        this.#join(made, tokens, body[at]!);
        at = next;
        continue;
      }
      if (this.#isGnuComma(body, at)) {
        const rest = this.#argument(this.#macro.params!.length - 1);
        if (rest.length > 0) this.#push(made, [this.#placed(body[at]!), ...rest]);
        at += 3;
        continue;
      }
      const { tokens, next } = this.#operand(body, at, isPunctuator(body[at + 1], '##'));
      // `##` must find what stands on its left, even if that is nothing.
      this.#push(made, tokens.length === 0 && isPunctuator(body[next], '##') ? [EMPTY] : tokens);
      at = next;
    }
    return made.filter(token => token !== EMPTY);
  }

  /** `, ## __VA_ARGS__`: the comma is left out where no argument is left (GNU C). */
  #isGnuComma(body: readonly PpToken[], at: number): boolean {
    const { params, variadic } = this.#macro;
    return (
      variadic &&
      isPunctuator(body[at], ',') &&
      isPunctuator(body[at + 1], '##') &&
      body[at + 2]?.text === params!.at(-1)
    );
  }

  /** What one element of the body becomes. `raw` beside `##`: then macros in an argument stay. */
  #operand(
    body: readonly PpToken[],
    at: number,
    raw: boolean,
  ): { readonly tokens: readonly PpToken[]; readonly next: number } {
    const token = body[at]!;
    if (isPunctuator(token, '#') && this.#macro.params) {
      const isOptional = body[at + 1]!.text === '__VA_OPT__';
      const inner = isOptional ? this.#operand(body, at + 1, true) : undefined;
      const arg = inner?.tokens ?? this.#input.args[this.#indexOf(body[at + 1]!)]!;
      return { tokens: [this.#string(token, arg)], next: inner?.next ?? at + 2 };
    }
    if (token.text === '__VA_OPT__' && this.#macro.variadic) return this.#optional(body, at);
    const index = this.#indexOf(token);
    if (index < 0) return { tokens: [this.#placed(token)], next: at + 1 };
    const followed = raw || isPunctuator(body[at + 1], '##');
    const [first, ...rest] = followed ? this.#input.args[index]! : this.#argument(index);
    return { tokens: first ? [{ ...first, spaced: token.spaced }, ...rest] : [], next: at + 1 };
  }

  /** C23's `__VA_OPT__(…)`: its tokens where arguments are left, or nothing. */
  #optional(body: readonly PpToken[], at: number) {
    let depth = 0;
    let end = at + 1;
    for (; end < body.length; end++) {
      if (isPunctuator(body[end], '(')) depth++;
      if (isPunctuator(body[end], ')') && --depth === 0) break;
      if (depth === 0) break;
    }
    if (!isPunctuator(body[end], ')'))
      throw this.#error(body[at]!, "'__VA_OPT__' must be followed by '(' and ')'");
    const isThere = this.#argument(this.#macro.params!.length - 1).length > 0;
    return { tokens: isThere ? this.#substitute(body.slice(at + 2, end)) : [], next: end + 1 };
  }

  #indexOf({ kind, text }: PpToken): number {
    return kind === 'identifier' ? (this.#macro.params?.indexOf(text) ?? -1) : -1;
  }

  #argument(index: number): readonly PpToken[] {
    this.#expanded[index] ??= this.#input.expand(this.#input.args[index]!);
    return this.#expanded[index];
  }

  #placed(token: PpToken): PpToken {
    const { source, use } = this.#input;
    let at = this.#places.get(token);
    if (at === undefined) {
      at = source.addExpansion(this.#macro.name, use, token.at);
      this.#places.set(token, at);
    }
    return { ...token, at };
  }

  /** `#`: the argument as a string (C11 6.10.3.2). */
  #string(operator: PpToken, arg: readonly PpToken[]): PpToken {
    const escaped = arg.map(token =>
      token.kind === 'string' || token.kind === 'character'
        ? { ...token, text: token.text.replace(/["\\]/g, '\\$&') }
        : token,
    );
    this.#input.count(arg.length);
    return { ...this.#placed(operator), kind: 'string', text: `"${spellTokens(escaped)}"` };
  }

  /** `##`: the last token of `made` and the first of `right` become one (C11 6.10.3.3, 3). */
  #join(made: PpToken[], right: readonly PpToken[], operator: PpToken): void {
    const left = made.pop();
    const [first, ...rest] = right;
    if (!left || left === EMPTY || !first) return this.#push(made, first ? right : left ? [left] : [EMPTY]);
    const text = left.text + first.text;
    const kind = scanOne(text);
    if (!kind) {
      const message = `'##' makes '${text}', which is no token of C`;
      throw this.#error(operator, message);
    }
    const { at } = this.#placed(operator);
    this.#push(made, [{ kind, text, at, spaced: left.spaced, startsLine: false }, ...rest]);
  }

  #push(made: PpToken[], tokens: readonly PpToken[]): void {
    this.#input.count(tokens.length);
    for (const token of tokens) made.push(token);
  }

  #error(token: PpToken, message: string): Error {
    return programError('PROGRAM_SYNTAX', this.#input.source, this.#placed(token).at, message);
  }
}

/** Stands for no token, beside a `##`. */
const EMPTY: PpToken = { kind: 'other', text: '', at: 0, spaced: false, startsLine: false };
