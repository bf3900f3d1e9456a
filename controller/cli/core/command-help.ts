import type { Command } from 'commander';
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
  const lines = [
    ...(notes.length > 0 ? ['', ...notes] : []),
    ...['', 'Examples:', ...examples.map(example => `  farcall ${example.replaceAll('\n', '\n    ')}`)],
    ...['', 'Exit codes:', ...exitLines(codes, exitMeanings)],
  ];
  return command.addHelpText('after', lines.join('\n'));
}
