import { readFileSync } from 'node:fs';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { Terminal } from '../terminal.ts';

/** The program of a command: its argument, stdin for `-`, or the file. Throws CONFIG_INVALID, FILE_UNREADABLE. */
export async function readProgram(
  terminal: Terminal,
  program: string | undefined,
  file: string | undefined,
): Promise<string> {
  if ((program === undefined) === (file === undefined)) {
    throw new FarcallError(
      'CONFIG_INVALID',
      'give the program either as the argument, - for stdin, or --file',
    );
  }
  if (program === '-') return terminal.readAll();
  if (program !== undefined) return program;
  try {
    return readFileSync(file ?? '', 'utf8');
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `--file: ${file} cannot be read`, { cause });
  }
}

/**
 * Whether `made` is the program `wanted`, with nothing but lines of a controller's prelude before it.
 *
 * Threat: a controller that adds code of its own. Lines of `#define` can change what names mean, so they are shown like the
 * rest of the program wherever it is shown.
 */
export function isProgramOf(wanted: string, made: string): boolean {
  if (!made.endsWith(wanted)) return false;
  return /^(#define [^\n]*\n)*$/.test(made.slice(0, made.length - wanted.length));
}
