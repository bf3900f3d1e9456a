import { type ErrorCode, FarcallError } from '../../../shared/errors/index.ts';
import { type LibraryPart, libraryParts, splitText } from '../../../shared/library/index.ts';
import { LIBRARY_LIMIT_BYTES, PROGRAM_LIMIT_BYTES } from '../../../shared/limits/index.ts';
import { type Ask, conditionHolds } from './condition.ts';
import { Expander } from './expander.ts';
import { callsItself, isSameMacro, type Macro, parseMacro } from './macro.ts';
import { parameterNames } from './parameter-names.ts';
import { isPunctuator, type PpToken, spellTokens } from './pp-token.ts';
import { PRESENCE_WORDS, VERSION_WORD } from './presence-question.ts';
import { scan } from './scan.ts';
import { type Offset, programError, Source } from './source.ts';
import { toTokens } from './to-tokens.ts';
import type { Token } from './token.ts';

/** What the preprocessor needs beside the text. */
export interface PreprocessOptions {
  /** Answers for the kernel; without it there is none, and whatever is asked for is there. */
  readonly ask?: Ask | undefined;
  /** Whether the kernel has a function of this name, which no macro of the program may hide. */
  readonly isFunction?: (name: string) => boolean;
  /** The text of a program is limited, unless something else is said. */
  readonly limitBytes?: number;
  /** Whether the text is the beginning of a program only: an `#if` may be open at its end. */
  readonly isPart?: boolean;
}

/** A program behind its preprocessor. */
export interface Preprocessed {
  readonly source: Source;
  /** Macros are replaced; the last one is of kind `end`. Those of a prepared library are not among them. */
  readonly tokens: readonly Token[];
  /** Every macro that is defined at the end, in the order of the text. */
  readonly macros: readonly Macro[];
}

/** A library behind its preprocessor, for any number of programs that follow it. */
export interface PreparedLibrary extends Preprocessed {
  /** Keeps what the library has defined. */
  readonly expander: Expander;
  /** Those that an `#include` may name. */
  readonly headers: ReadonlySet<string>;
}

/** What compares releases is there without an #include. */
const VERSION_PART: LibraryPart = {
  header: 'linux/version.h',
  text: '#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))\n',
};

const VERSION_MACRO = 'KERNEL_VERSION';

/** `#if` within `#if`. */
const DEPTH_LIMIT = 64;

/**
 * Runs C's preprocessor over a program (C11 6.10), and before that over the part of the library that stands
 * before it. Throws PROGRAM_* with the location.
 *
 * Threat: a header is text that a program's approvers see in another place. So there are those alone of which
 * a part stands before the program, which is signed with it. An `#include` names one, and adds nothing.
 *
 * Threat: `#define _printk panic` has approvers read a call that is not there. So a macro of a program has no
 * function's name, unless all that it does is to call this function with other arguments.
 */
export function preprocess(text: string, options: PreprocessOptions = {}): Preprocessed {
  const { library, program } = splitText(text);
  const prepared = prepareLibrary(library, options);
  const made = preprocessAfter(prepared, program, options);
  return { ...made, tokens: [...prepared.tokens.slice(0, -1), ...made.tokens] };
}

/**
 * Runs the preprocessor over the part of the library that stands before a program; see {@link preprocess}.
 */
export function prepareLibrary(library: string, { ask }: PreprocessOptions = {}): PreparedLibrary {
  refuseTooLarge('library', library, LIBRARY_LIMIT_BYTES);
  return new Preprocessor('', { ask }).prepare(libraryParts(library));
}

/** Runs the preprocessor over a program alone that stands behind `library`; see {@link preprocess}. */
export function preprocessAfter(
  library: PreparedLibrary | undefined,
  program: string,
  options: PreprocessOptions = {},
): Preprocessed {
  refuseTooLarge('program', program, options.limitBytes ?? PROGRAM_LIMIT_BYTES);
  return new Preprocessor(program, options, library).program();
}

function refuseTooLarge(what: string, text: string, limitBytes: number): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > limitBytes)
    throw new FarcallError('PROGRAM_TOO_LARGE', `the ${what} has ${bytes} bytes; the limit is ${limitBytes}`);
}

/** An `#if` that has no `#endif` yet. */
interface OpenCondition {
  readonly at: Offset;
  /** Whether the group at hand is a part of the program. */
  isOn: boolean;
  /** Whether a group of it was, or must not be any more. */
  isDone: boolean;
  hasElse: boolean;
}

class Preprocessor {
  readonly #source: Source;
  readonly #options: PreprocessOptions;
  readonly #expander: Expander;
  readonly #made: PpToken[] = [];
  /** Those that an `#include` may name. */
  readonly #headers: Set<string>;
  #conditions: OpenCondition[] = [];
  #parameters: ReadonlySet<string> = new Set();

  constructor(text: string, options: PreprocessOptions, before?: PreparedLibrary) {
    this.#source = new Source(text, before?.source);
    this.#options = options;
    this.#expander = new Expander(this.#source, before?.expander);
    this.#headers = new Set(before?.headers ?? [VERSION_PART.header]);
  }

  prepare(parts: readonly LibraryPart[]): PreparedLibrary {
    const comparesReleases = parts.some(({ text }) => text.includes(VERSION_MACRO));
    for (const part of comparesReleases ? [VERSION_PART].concat(parts) : parts) this.#part(part);
    return { ...this.#done(), expander: this.#expander, headers: this.#headers };
  }

  program(): Preprocessed {
    const { text } = this.#source;
    if (text.includes(VERSION_MACRO) && !this.#expander.macros.has(VERSION_MACRO)) this.#part(VERSION_PART);
    const tokens = this.#scan(text, 0);
    this.#parameters = parameterNames(tokens);
    this.#file(text, 0, tokens);
    return this.#done();
  }

  #part({ header, text }: LibraryPart): void {
    this.#headers.add(header);
    this.#file(text, this.#source.addHeader(header, text, 0));
  }

  #done(): Preprocessed {
    const tokens = toTokens(this.#source, this.#made);
    tokens.push({ kind: 'end', at: this.#source.text.length });
    return { source: this.#source, tokens, macros: [...this.#expander.macros.values()] };
  }

  #scan(text: string, start: Offset): PpToken[] {
    return scan({ source: this.#source, text, start });
  }

  #file(text: string, start: Offset, tokens = this.#scan(text, start)): void {
    const around = this.#conditions;
    this.#conditions = [];
    for (let at = 0; at < tokens.length; ) {
      const isDirective = isPunctuator(tokens[at], '#') && tokens[at]!.startsLine;
      const end = isDirective ? endOfLine(tokens, at) : endOfText(tokens, at);
      const piece = tokens.slice(at, end);
      if (isDirective) this.#directive(piece, text, start);
      else if (this.#isOn) for (const token of this.#expander.expand(piece)) this.#made.push(token);
      at = end;
    }
    const open = this.#conditions.at(-1);
    if (open && !this.#options.isPart) throw this.#error(open.at, 'this #if has no #endif');
    this.#conditions = around;
  }

  get #isOn(): boolean {
    return this.#conditions.every(({ isOn }) => isOn);
  }

  #directive(line: readonly PpToken[], text: string, start: Offset): void {
    const [hash, word, ...rest] = line as [PpToken, ...PpToken[]];
    if (!word) return;
    if (this.#conditional(word, rest) || !this.#isOn) return;
    switch (word.text) {
      case 'define':
        return this.#define(word.at, rest, directiveText(text, start, hash, line.at(-1)!));
      case 'undef':
        return this.#undefine(word, rest);
      case 'include':
        return this.#include(word, rest);
      case 'error':
        throw this.#error(hash.at, spellTokens(rest) || '#error', 'PROGRAM_TYPE');
      case 'pragma':
        if (spellTokens(rest) === 'once') return;
    }
    const message = `call programs have no #${spellTokens(line.slice(1, 3))}; there are #define, #undef, #if and its like, #include and #error`;
    throw this.#error(hash.at, message, 'PROGRAM_UNSUPPORTED');
  }

  #define(at: Offset, line: readonly PpToken[], text: string): void {
    const macro = parseMacro(this.#source, at, line, text);
    this.#refuseParameter(macro.name, line[0]!.at);
    const known = this.#expander.macros.get(macro.name);
    if (this.#options.isFunction?.(macro.name) && !callsItself(macro)) {
      const message = `'${macro.name}' is a function of this kernel, and this macro would have its name mean something else; give the macro another name`;
      throw this.#error(line[0]!.at, message, 'PROGRAM_TYPE');
    }
    if (known && !isSameMacro(known, macro))
      throw this.#error(line[0]!.at, `'${macro.name}' is already defined with another value`);
    if (!known) this.#expander.macros.set(macro.name, macro);
  }

  #undefine(word: PpToken, line: readonly PpToken[]): void {
    const [name] = line;
    if (name?.kind !== 'identifier' || line.length > 1)
      throw this.#error(name?.at ?? word.at, 'expected the name of one macro after #undef');
    this.#refuseParameter(name.text, name.at);
    this.#expander.macros.delete(name.text);
  }

  #include(word: PpToken, line: readonly PpToken[]): void {
    const [first] = line;
    const spelled = spellTokens(line);
    const name = /^(?:<([\w./-]+)>|"([\w./-]+)")$/.exec(spelled);
    const header = name?.[1] ?? name?.[2];
    const at = first?.at ?? word.at;
    if (header === undefined || header.split('/').includes('..'))
      throw this.#error(at, 'a header is named as in #include <linux/list.h>');
    if (this.#headers.has(header)) return;
    const message = `farcall has no header '${header}'; the types and functions of this kernel need none`;
    throw this.#error(at, message, 'PROGRAM_UNSUPPORTED');
  }

  /** `#if` and its like (C11 6.10.1); false for other directives. */
  #conditional({ text, at }: PpToken, line: readonly PpToken[]): boolean {
    const open = this.#conditions.at(-1);
    switch (text) {
      case 'if':
      case 'ifdef':
      case 'ifndef':
        this.#open(at, () => this.#holds(text, at, line));
        return true;
      case 'elif':
      case 'elifdef':
      case 'elifndef':
        this.#next(open, text, at, () => this.#holds(text.slice(2), at, line));
        return true;
      case 'else':
        this.#next(open, text, at, () => true);
        open!.hasElse = true;
        return true;
      case 'endif':
        if (!open) throw this.#error(at, 'this #endif has no #if');
        this.#conditions.pop();
        return true;
      default:
        return false;
    }
  }

  #open(at: Offset, holds: () => boolean): void {
    if (this.#conditions.length >= DEPTH_LIMIT)
      throw this.#error(at, `#if is nested more than ${DEPTH_LIMIT} deep`);
    const isOn = this.#isOn && holds();
    this.#conditions.push({ at, isOn, isDone: isOn || !this.#isOn, hasElse: false });
  }

  #next(open: OpenCondition | undefined, text: string, at: Offset, holds: () => boolean): void {
    if (!open) throw this.#error(at, `this #${text} has no #if`);
    if (open.hasElse) throw this.#error(at, `this #${text} follows an #else`);
    open.isOn = !open.isDone && holds();
    open.isDone ||= open.isOn;
  }

  #holds(word: string, at: Offset, line: readonly PpToken[]): boolean {
    if (word !== 'if') {
      if (line[0]?.kind !== 'identifier' || line.length > 1)
        throw this.#error(line[0]?.at ?? at, `expected the name of one macro after #${word}`);
      this.#refuseParameter(line[0].text, line[0].at);
      return this.#isDefined(line[0].text) === (word === 'ifdef');
    }
    const tokens = this.#expander.expand(this.#withoutDefined(line));
    const { ask = () => 1n } = this.#options;
    for (const token of tokens) this.#refuseParameter(token.text, token.at);
    return conditionHolds({ source: this.#source, tokens, at, ask });
  }

  /** `defined NAME` and `defined(NAME)` as numbers: macros are not replaced in them. */
  #withoutDefined(line: readonly PpToken[]): PpToken[] {
    const made: PpToken[] = [];
    for (let at = 0; at < line.length; at++) {
      const token = line[at]!;
      if (token.text !== 'defined') {
        made.push(token);
        continue;
      }
      const isEnclosed = isPunctuator(line[at + 1], '(');
      const name = line[isEnclosed ? at + 2 : at + 1];
      if (name?.kind !== 'identifier' || (isEnclosed && !isPunctuator(line[at + 3], ')')))
        throw this.#error(token.at, "expected the name of a macro after 'defined'");
      this.#refuseParameter(name.text, name.at);
      made.push({ ...token, kind: 'number', text: this.#isDefined(name.text) ? '1' : '0' });
      at += isEnclosed ? 3 : 1;
    }
    return made;
  }

  /** Directives know no values: a macro would hide a parameter, and a condition would take it for 0. */
  #refuseParameter(name: string, at: Offset): void {
    if (!this.#parameters.has(name)) return;
    const message = `'${name}' is a parameter, and no directive can use it: what people approve is the same for each value`;
    throw this.#error(at, message, 'PROGRAM_TYPE');
  }

  #isDefined(name: string): boolean {
    return this.#expander.macros.has(name) || PRESENCE_WORDS.has(name) || name === VERSION_WORD;
  }

  #error(at: Offset, message: string, code: ErrorCode = 'PROGRAM_SYNTAX'): Error {
    return programError(code, this.#source, at, message);
  }
}

function endOfLine(tokens: readonly PpToken[], start: number): number {
  let at = start + 1;
  while (at < tokens.length && !tokens[at]!.startsLine) at++;
  return at;
}

/** Up to the next directive. */
function endOfText(tokens: readonly PpToken[], start: number): number {
  let at = start;
  while (at < tokens.length && !(isPunctuator(tokens[at], '#') && tokens[at]!.startsLine)) at++;
  return at;
}

function directiveText(text: string, start: Offset, hash: PpToken, last: PpToken): string {
  return text.slice(hash.at - start, last.at - start + last.text.length);
}
