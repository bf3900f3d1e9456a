import { readFileSync } from 'node:fs';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { CliContext } from '../context.ts';
import { newEditedProgram } from '../editor.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/** Where a program comes from. */
export interface ProgramSource {
  /** The argument: the program itself, or - for stdin. */
  readonly argument: string | undefined;
  /** From --file. */
  readonly file: string | undefined;
}

/** A program that somebody gave. */
export interface GivenProgram {
  readonly text: string;
  /** Opens it again in the editor that it was written in; resolves to it, empty where he gives up. */
  readonly mend?: (problems: readonly string[]) => string;
}

/**
 * Does `work` with the program of a command: its argument, stdin, a file, or, where none is given on a terminal, what a person
 * writes in his editor. What he wrote is lost only once it is asked for. Throws CONFIG_INVALID, FILE_UNREADABLE.
 */
export async function withProgram(
  context: CliContext,
  { argument, file }: ProgramSource,
  work: (program: GivenProgram) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { terminal } = context;
  if (argument !== undefined || file !== undefined || !terminal.canAsk)
    return work({ text: await readProgram(context, argument, file) });
  const edited = newEditedProgram(context.env);
  const text = edited.edit([]);
  if (text === '') {
    edited.drop();
    terminal.warn('The program is empty: nothing is asked for.');
    return EXIT.declined;
  }
  let exit: ExitCode | undefined;
  try {
    exit = await work({ text, mend: problems => edited.edit(problems) });
    return exit;
  } finally {
    if (exit === EXIT.ok || exit === EXIT.hostsFailed) edited.drop();
    else terminal.warn(`The program is kept: --file ${edited.file}`);
  }
}

async function readProgram(
  { terminal }: CliContext,
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
