import type { Command } from 'commander';
import { EXIT, type ExitCode, exitLines } from './exit-codes.ts';

/** What the help of a command teaches behind its options. */
export interface Lesson {
  /** Command lines that work, without `farcall` before them; two or three. */
  readonly examples: readonly string[];
  /** What is worth knowing beyond that; lines. */
  readonly notes?: readonly string[];
  /** How it can end, beside well and with a wrong command line. */
  readonly exits?: readonly ExitCode[];
}

/** How every command can end that speaks with the controller. */
export const REMOTE: readonly ExitCode[] = [EXIT.refused, EXIT.unreachable];

/** How a command about a request ends, by how that stands. */
export const STANDING: readonly ExitCode[] = [
  ...[EXIT.hostsFailed, ...REMOTE, EXIT.unfinished, EXIT.stopped, EXIT.halted, EXIT.aborted],
  ...[EXIT.expired, EXIT.unapproved],
];

/** Gives the help of a command its examples and exit codes. */
export function teach(command: Command, { examples, notes = [], exits = [] }: Lesson): Command {
  const codes = [...new Set([EXIT.ok, EXIT.usage, ...exits])].sort((one, other) => one - other);
  const lines = [
    ...(notes.length > 0 ? ['', ...notes] : []),
    ...['', 'Examples:', ...examples.map(example => `  farcall ${example.replaceAll('\n', '\n    ')}`)],
    ...['', 'Exit codes:', ...exitLines(codes)],
  ];
  return command.addHelpText('after', lines.join('\n'));
}
