import type { Macro } from './macro.ts';
import { isPunctuator, type PpToken } from './pp-token.ts';
import { type Offset, programError, type Source, useOf } from './source.ts';
import { Substitution } from './substitution.ts';

/**
 * Tokens that all macros of a program may make, those included that another macro takes up: a few that double
 * each other would make more than a machine holds.
 */
export const EXPANDED_LIMIT = 1 << 17;

/** Arguments within arguments, and macros that name macros; the recursion of {@link Expander.expand}. */
const DEPTH_LIMIT = 64;

/** Tokens that are still to be looked at. */
interface Pending {
  readonly tokens: readonly PpToken[];
  next: number;
  /** The macro that made them. */
  readonly macro: Macro | undefined;
}

/** Replaces macros in the tokens of one program (C11 6.10.3). */
export class Expander {
  readonly macros: Map<string, Macro>;
  readonly #source: Source;
  /** Macros that stand for nothing within themselves, while what they made is looked at. */
  readonly #active = new Set<Macro>();
  #made = 0;
  #depth = 0;
  #counter = 0;

  /** With `before`, it goes on where that one ended, which stays as it is. */
  constructor(source: Source, before?: Expander) {
    this.#source = source;
    this.macros = new Map(before?.macros);
    this.#made = before ? before.#made : 0;
    this.#counter = before ? before.#counter : 0;
  }

  /** `tokens` with all macros replaced. Throws PROGRAM_SYNTAX or PROGRAM_TOO_LARGE with the location. */
  expand(tokens: readonly PpToken[]): readonly PpToken[] {
    if (this.macros.size === 0 && !tokens.some(isPredefined)) return tokens;
    const made: PpToken[] = [];
    const stack: Pending[] = [{ tokens, next: 0, macro: undefined }];
    for (let token = this.#take(stack); token; token = this.#take(stack)) {
      const predefined = isPredefined(token) ? this.#predefined(token) : undefined;
      const macro = predefined ? undefined : this.#macroOf(token, made.at(-1));
      if (macro && this.#active.has(macro)) made.push({ ...token, painted: true });
      else if (!macro || !this.#replace(macro, token, stack)) made.push(predefined ?? token);
    }
    return made;
  }

  #macroOf({ kind, text, painted }: PpToken, before: PpToken | undefined): Macro | undefined {
    // The name of a module is none of the program's.
    if (kind !== 'identifier' || painted || isPunctuator(before, '@')) return undefined;
    return this.macros.get(text);
  }

  /** Puts what the macro makes before what is still to be looked at; false where it is not used here. */
  #replace(macro: Macro, name: PpToken, stack: Pending[]): boolean {
    if (macro.params && !isPunctuator(this.#peek(stack), '(')) return false;
    const use = useOf(this.#source, name.at);
    if (this.#active.size >= DEPTH_LIMIT)
      throw programError(
        'PROGRAM_SYNTAX',
        this.#source,
        use,
        `macros are nested more than ${DEPTH_LIMIT} deep`,
      );
    const args = macro.params ? this.#arguments(macro, name, stack) : [];
    const substitution = new Substitution(macro, {
      args,
      use,
      source: this.#source,
      expand: tokens => this.#nested(tokens, use),
      count: made => this.#count(made, use),
    });
    const [first, ...rest] = substitution.tokens();
    const { spaced, startsLine } = name;
    const tokens = first ? [{ ...first, spaced, startsLine }, ...rest] : [];
    stack.push({ tokens, next: 0, macro });
    this.#active.add(macro);
    return true;
  }

  #nested(tokens: readonly PpToken[], use: Offset): readonly PpToken[] {
    if (this.#depth >= DEPTH_LIMIT)
      throw programError(
        'PROGRAM_SYNTAX',
        this.#source,
        use,
        `arguments of macros are nested more than ${DEPTH_LIMIT} deep`,
      );
    this.#depth++;
    const expanded = this.expand(tokens);
    this.#depth--;
    return expanded;
  }

  /** The tokens of each argument (C11 6.10.3, 11). */
  #arguments(macro: Macro, name: PpToken, stack: Pending[]): PpToken[][] {
    const { params, variadic } = macro;
    const wanted = params!.length;
    const args: PpToken[][] = [[]];
    let depth = 0;
    for (let token = this.#take(stack); ; token = this.#take(stack)) {
      if (!token) throw this.#error(name, `the arguments of the macro '${macro.name}' have no end`);
      if (isPunctuator(token, '(') && depth++ === 0) continue;
      if (isPunctuator(token, ')') && --depth === 0) break;
      const isRest = variadic && args.length === wanted;
      if (depth === 1 && isPunctuator(token, ',') && !isRest) args.push([]);
      else args.at(-1)!.push(token);
      this.#count(1, name.at);
    }
    if (wanted === 0 && args.length === 1 && args[0]!.length === 0) return [];
    if (variadic && args.length === wanted - 1) args.push([]);
    if (args.length !== wanted) {
      const given = `takes ${wanted} argument${wanted === 1 ? '' : 's'}, not ${args.length}`;
      throw this.#error(name, `the macro '${macro.name}' ${given}`);
    }
    return args;
  }

  #peek(stack: readonly Pending[]): PpToken | undefined {
    const pending = stack.findLast(({ tokens, next }) => next < tokens.length);
    return pending?.tokens[pending.next];
  }

  #take(stack: Pending[]): PpToken | undefined {
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const token = top.tokens[top.next++];
      if (token) return token;
      stack.pop();
      if (top.macro) this.#active.delete(top.macro);
    }
    return undefined;
  }

  #predefined(token: PpToken): PpToken {
    const { text, at } = token;
    const use = useOf(this.#source, at);
    const value = text === '__COUNTER__' ? this.#counter++ : this.#source.fileAt(use).locationOf(use).line;
    return { ...token, kind: 'number', text: String(value) };
  }

  #count(made: number, use: Offset): void {
    this.#made += made;
    if (this.#made <= EXPANDED_LIMIT) return;
    const message = `macros expand to more than ${EXPANDED_LIMIT} tokens`;
    throw programError('PROGRAM_TOO_LARGE', this.#source, use, message);
  }

  #error({ at }: PpToken, message: string): Error {
    return programError('PROGRAM_SYNTAX', this.#source, at, message);
  }
}

/** Macros that there are without a definition (C11 6.10.8.1, and GNU's). */
function isPredefined({ kind, text }: PpToken): boolean {
  return kind === 'identifier' && (text === '__LINE__' || text === '__COUNTER__');
}
