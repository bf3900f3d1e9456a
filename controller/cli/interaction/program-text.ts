import { readFileSync } from 'node:fs';
import { FarcallError } from '../../../shared/errors/index.ts';
import { EXIT, type ExitCode } from '../core/index.ts';
import type { CliContext } from '../session/index.ts';
import { newEditedProgram } from './program-editor.ts';

/** Where a command takes its program from. */
export interface ProgramSource {
  /** The argument: the program itself, or - for stdin. */
  readonly argument: string | undefined;
  /** The path after --file. */
  readonly file: string | undefined;
}

/** A program, and how to edit it again if it was written in an editor. */
export interface ProgramText {
  readonly text: string;
  /** Opens the program in the editor again. Returns the new text, which is empty if the operator gives up. */
  readonly editAgain?: (problems: readonly string[]) => string;
}

/**
 * Runs `work` with the program of a command: the argument, stdin, or a file. If there is none of these and a
 * person is at the terminal, they write it in their editor, and its file is kept until the program has been
 * sent. Throws CONFIG_INVALID and FILE_UNREADABLE.
 */
export async function withProgram(
  context: CliContext,
  { argument, file }: ProgramSource,
  work: (program: ProgramText) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { terminal } = context;
  if (argument !== undefined || file !== undefined || !terminal.canAsk)
    return work({ text: await readProgram(context, argument, file) });
  const edited = newEditedProgram(context.env);
  const text = edited.edit([]);
  if (text === '') {
    edited.remove();
    terminal.warn('The program is empty. Nothing was sent.');
    return EXIT.declined;
  }
  let exit: ExitCode | undefined;
  try {
    exit = await work({ text, editAgain: problems => edited.edit(problems) });
    return exit;
  } finally {
    if (exit === EXIT.ok || exit === EXIT.hostsFailed) edited.remove();
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
      'give the program once: as the argument, as - for stdin, or with --file',
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
 * Whether `received` is the program `sent`, with nothing before it but lines of the controller's prelude.
 *
 * Threat: a controller adds code of its own. `#define` lines can change the meaning of names, so they are
 * shown wherever the program is shown.
 */
export function isProgramOf(sent: string, received: string): boolean {
  if (!received.endsWith(sent)) return false;
  return /^(#define [^\n]*\n)*$/.test(received.slice(0, received.length - sent.length));
}
