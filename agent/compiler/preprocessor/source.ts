import { type ErrorCode, FarcallError, type SourceLocation } from '../../../shared/errors/index.ts';
import { SourceFile } from './source-file.ts';

/**
 * Offset of a character in the program text, from 0; from {@link HEADER_BASE} on, in a header; from
 * {@link EXPANSION_BASE} on, a token that a macro made. Turned into line and column only when a person must
 * read it.
 */
export type Offset = number;

/** Offsets from here on count expansions. Texts are far smaller. */
const EXPANSION_BASE = 2 ** 30;

/** Headers begin here, or behind a program that is longer: so their offsets do not depend on the program. */
const HEADER_BASE = 2 ** 24;

/** A token that a macro made. */
interface Expansion {
  readonly macro: string;
  /** Where the outermost macro is used, in a text. */
  readonly use: Offset;
  /** Where the token stands, in a text: within the `#define`. */
  readonly spelled: Offset;
}

/** The texts of one program: its own, those of the headers that it includes, and what its macros made. */
export class Source {
  readonly #files: SourceFile[];
  /** What macros made in the headers that were read before. */
  readonly #earlier: readonly Expansion[];
  readonly #expansions: Expansion[] = [];

  /**
   * With `before`, its headers are there too, under the same offsets; nothing may be added to it any more.
   */
  constructor(text: string, before?: Source) {
    const program = new SourceFile({ text, start: 0, name: undefined, includedAt: 0 });
    this.#files = [program, ...(before ? before.#files.slice(1) : [])];
    this.#earlier = before ? before.#expansions : [];
  }

  /** The text of the program itself. */
  get text(): string {
    return this.#files[0]!.text;
  }

  /** Adds the text of a header; gives where it starts. */
  addHeader(name: string, text: string, includedAt: Offset): Offset {
    const { start: last, text: before } = this.#files.at(-1)!;
    const start = Math.max(HEADER_BASE, last + before.length + 1);
    const file = new SourceFile({ text, start, name, includedAt });
    this.#files.push(file);
    return file.start;
  }

  /** Where a token is that `macro`, used at `use`, made of the one at `spelled`. */
  addExpansion(macro: string, use: Offset, spelled: Offset): Offset {
    this.#expansions.push({ macro, use, spelled });
    return EXPANSION_BASE + this.#earlier.length + this.#expansions.length - 1;
  }

  /** The macro that made the token at `at`, if one did. */
  expansionAt(at: Offset): Expansion | undefined {
    const number = at - EXPANSION_BASE;
    return number < this.#earlier.length
      ? this.#earlier[number]
      : this.#expansions[number - this.#earlier.length];
  }

  /** The text in which `at` stands; `at` itself is of no macro. */
  fileAt(at: Offset): SourceFile {
    return this.#files.findLast(({ start }) => start <= at)!;
  }
}

/** A program as people wrote it; alone, it is one without headers and macros. */
export type SourceText = Source | string;

function fileAt(source: SourceText, at: Offset): SourceFile {
  if (typeof source !== 'string') return source.fileAt(at);
  return new SourceFile({ text: source, start: 0, name: undefined, includedAt: 0 });
}

function expansionAt(source: SourceText, at: Offset): Expansion | undefined {
  return typeof source === 'string' ? undefined : source.expansionAt(at);
}

/** Where the token at `at` is used: for one that a macro made, where the outermost macro is. */
export function useOf(source: SourceText, at: Offset): Offset {
  return expansionAt(source, at)?.use ?? at;
}

/** Whether `at` is in the text of the program itself, and not in a header. */
export function isInProgram(source: SourceText, at: Offset): boolean {
  return fileAt(source, useOf(source, at)).name === undefined;
}

/** The text from `at` on, at most `length` characters of it, as it is spelled. */
export function spelledAt(source: SourceText, at: Offset, length: number): string {
  const spelled = expansionAt(source, at)?.spelled ?? at;
  const { text, start } = fileAt(source, spelled);
  return text.slice(spelled - start, spelled - start + length);
}

/**
 * Line and column of `offset` in the program itself, both from 1: of what a macro made, those of its use; of
 * what a header has, those of its `#include`.
 */
export function locationOf(source: SourceText, offset: Offset): SourceLocation {
  let at = useOf(source, offset);
  let file = fileAt(source, at);
  while (file.name !== undefined) {
    at = file.includedAt;
    file = fileAt(source, at);
  }
  return file.locationOf(at);
}

/** Longest piece of a source line that an error shows, in characters. */
const SHOWN_LIMIT = 100;

/** Longest message, in characters; names of a program stand in it, and they may be as long as the program. */
const MESSAGE_LIMIT = 1000;

/**
 * An error about a location in the program: the message, then the line with a caret below the location; of
 * what a macro made, then the rest of its definition.
 *
 *     line 1, column 9: this kernel has no function 'printk'; did you mean '_printk'?
 *         x = printk("hello")
 *             ^
 */
export function programError(
  code: ErrorCode,
  source: SourceText,
  offset: Offset,
  message: string,
): FarcallError {
  const where = whereOf(source, useOf(source, offset));
  return new FarcallError(code, `${where}: ${printable(clipped(message))}\n${excerptAt(source, offset)}`, {
    location: locationOf(source, offset),
  });
}

/** `line 3, column 1`, with the name of the header before it. */
function whereOf(source: SourceText, at: Offset): string {
  const file = fileAt(source, at);
  const { line, column } = file.locationOf(at);
  return `${file.name === undefined ? '' : `${file.name}, `}line ${line}, column ${column}`;
}

/** The line of `offset`, a caret below its column, and what of a macro stands there. */
export function excerptAt(source: SourceText, offset: Offset): string {
  const at = useOf(source, offset);
  const file = fileAt(source, at);
  const { column } = file.locationOf(at);
  const from = Math.max(0, column - 1 - SHOWN_LIMIT / 2);
  const shown = printable(file.lineAt(at).slice(from, from + SHOWN_LIMIT));
  return `    ${shown}\n    ${' '.repeat(column - 1 - from)}^${inMacro(source, offset)}`;
}

/** `    in the macro 'F', line 2, column 20: ->next`. */
function inMacro(source: SourceText, offset: Offset): string {
  const expansion = expansionAt(source, offset);
  if (!expansion) return '';
  const { macro, spelled } = expansion;
  const file = fileAt(source, spelled);
  const { column } = file.locationOf(spelled);
  const rest = printable(file.lineAt(spelled).slice(column - 1, column - 1 + SHOWN_LIMIT));
  return `\n    in the macro '${macro}', ${whereOf(source, spelled)}: ${rest}`;
}

/** The line of the text that holds `offset`, where the outermost macro is used. */
export function lineAt(source: SourceText, offset: Offset): string {
  const at = useOf(source, offset);
  return fileAt(source, at).lineAt(at);
}

function clipped(message: string): string {
  return message.length > MESSAGE_LIMIT ? `${message.slice(0, MESSAGE_LIMIT)}...` : message;
}

/**
 * Control characters as dots, so that a hostile program cannot control the terminal of a reader through an
 * error.
 */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '.').toWellFormed();
}
