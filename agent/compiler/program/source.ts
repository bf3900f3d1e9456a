import { type ErrorCode, FarcallError, type SourceLocation } from '../../../shared/errors/index.ts';

/**
 * Offset of a character in the program text, from 0. Turned into line and column only when a person must read
 * it.
 */
export type Offset = number;

/** Line and column of `offset`, both from 1. */
export function locationOf(text: string, offset: Offset): SourceLocation {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (const character of before) if (character === '\n') line++;
  return { line, column: offset - lineStart + 1 };
}

/** Longest piece of a source line that an error shows, in characters. */
const SHOWN_LIMIT = 100;

/** Longest message, in characters; names of a program stand in it, and they may be as long as the program. */
const MESSAGE_LIMIT = 1000;

/**
 * An error about a location in the program: the message, then the line with a caret below the location.
 *
 *     line 1, column 9: this kernel has no function 'printk'; did you mean '_printk'?
 *         x = printk("hello")
 *             ^
 */
export function programError(code: ErrorCode, text: string, offset: Offset, message: string): FarcallError {
  const location = locationOf(text, offset);
  const where = `line ${location.line}, column ${location.column}`;
  return new FarcallError(code, `${where}: ${printable(clipped(message))}\n${excerptAt(text, offset)}`, {
    location,
  });
}

/** The line of `offset`, and a caret below its column. */
export function excerptAt(text: string, offset: Offset): string {
  const { column } = locationOf(text, offset);
  const lineStart = offset - (column - 1);
  const newline = text.indexOf('\n', lineStart);
  const line = text.slice(lineStart, newline < 0 ? text.length : newline);
  const from = Math.max(0, column - 1 - SHOWN_LIMIT / 2);
  const shown = printable(line.slice(from, from + SHOWN_LIMIT));
  return `    ${shown}\n    ${' '.repeat(column - 1 - from)}^`;
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
