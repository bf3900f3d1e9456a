import { type Command, Help } from 'commander';
import { EXIT, type ExitCode, type ExitMeanings, exitLines } from './exit-codes.ts';

/** The part of a command's help that follows its options. */
export interface CommandHelp {
  /** Two or three command lines that work, without the leading `farcall`. */
  readonly examples: readonly string[];
  /** Lines that say more than the description does. */
  readonly notes?: readonly string[];
  /** The exit codes of the command, apart from success and wrong usage, which every command has. */
  readonly exits?: readonly ExitCode[];
  /** What some of these codes mean for this command alone. */
  readonly exitMeanings?: ExitMeanings;
}

/** The exit codes of a command that calls the controller. */
export const REMOTE_EXITS: readonly ExitCode[] = [EXIT.refused, EXIT.unreachable];

/** The exit codes of a command that reports the status of a request. */
export const REQUEST_EXITS: readonly ExitCode[] = [
  ...[EXIT.hostsFailed, ...REMOTE_EXITS, EXIT.unfinished, EXIT.stopped, EXIT.halted, EXIT.aborted],
  ...[EXIT.expired, EXIT.unapproved],
];

/** Adds notes, examples and exit codes to the help of `command`. Returns the same command. */
export function addHelp(command: Command, help: CommandHelp): Command {
  const { examples, notes = [], exits = [], exitMeanings } = help;
  const codes = [...new Set([EXIT.ok, EXIT.usage, ...exits])].sort((one, other) => one - other);
  return command.addHelpText('after', () => {
    const columns = command.configureOutput().getOutHelpWidth?.() ?? HELP_COLUMNS;
    const lines = [
      ...(notes.length > 0 ? ['', ...reflow(notes, columns)] : []),
      ...['', 'Examples:', ...examples.flatMap(example => exampleLines(`farcall ${example}`, columns))],
      ...['', 'Exit codes:', ...exitLines(codes, exitMeanings).flatMap(line => hung(line, columns))],
    ];
    return lines.join('\n');
  });
}

/** Commander wraps no text that would become narrower than 40 columns, unless it is told so. */
const WRAPPER = Object.assign(new Help(), { minWidthToWrap: 1 });

/** The width of help, if nothing says it. */
const HELP_COLUMNS = 80;

/**
 * Lines as they fit into a window of `columns`. Lines without an indent are one paragraph up to an empty one,
 * and an indented line stays one, with what does not fit below its second column.
 */
export function reflow(lines: readonly string[], columns: number): string[] {
  const rows: string[] = [];
  let paragraph: string[] = [];
  const flush = (): void => {
    if (paragraph.length > 0) rows.push(...WRAPPER.boxWrap(paragraph.join(' '), columns).split('\n'));
    paragraph = [];
  };
  for (const line of lines) {
    if (line !== '' && !line.startsWith(' ')) paragraph.push(line);
    else {
      flush();
      rows.push(...hung(line, columns));
    }
  }
  flush();
  return rows;
}

/** The most that a further line is indented, as a part of the window. */
const HANG_SHARE = 0.5;

/** A line of two columns; what does not fit goes on below the second one, or a little to the right. */
function hung(line: string, columns: number): string[] {
  if (line.length <= columns) return [line];
  const [label = ''] = /^ *\S+(?: \S+)* {2,}(?=\S)/.exec(line) ?? /^ */.exec(line) ?? [];
  const hang = label.trim() === '' || label.length > columns * HANG_SHARE ? indentOf(line) + 4 : label.length;
  const rows = WRAPPER.boxWrap(line.slice(hang), columns - hang).split('\n');
  return rows.map((row, index) => (index === 0 ? line.slice(0, hang) : ' '.repeat(hang)) + row.trimStart());
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** A command line, broken before options where it does not fit, as a shell takes it. */
function exampleLines(example: string, columns: number): string[] {
  const rows: string[] = [];
  let row = ' ';
  for (const part of example.replaceAll(/ *\\\n */g, ' ').split(/ (?=--|&&|\||>)/)) {
    if (row.trim() !== '' && row.length + part.length + 3 > columns) {
      rows.push(`${row} \\`);
      row = '   ';
    }
    row += ` ${part}`;
  }
  return [...rows, row];
}
