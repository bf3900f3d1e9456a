import type { ErrorCode } from '../../shared/errors/index.ts';

/** How `farcall` ends; stable, for scripts. */
export const EXIT = {
  /** Done; where hosts were awaited, each one returned or skipped. */
  ok: 0,
  /** A mistake in farcall. */
  failed: 1,
  /** The command line, the configuration or a file is wrong. */
  usage: 2,
  /** The request is over, and at least one host neither returned nor skipped. */
  hostsFailed: 3,
  /** The controller refused. */
  refused: 4,
  /** The controller, or its store, could not be reached; trying again may help. */
  unreachable: 5,
  /** The operator said no. */
  declined: 6,
  /** The request is not over yet. */
  unfinished: 7,
  /** `audit verify` found something wrong with the store. */
  tampered: 8,
} as const;

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const USAGE: readonly ErrorCode[] = [
  'CONFIG_INVALID',
  'FILE_UNREADABLE',
  'SELECTOR_INVALID',
  'MESSAGE_INVALID',
  'PROGRAM_TOO_LARGE',
];

/** The exit code for an error. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  if (code === 'INTERNAL') return EXIT.failed;
  if (code === 'UNREACHABLE' || code === 'STORE_FAILED') return EXIT.unreachable;
  return USAGE.includes(code) ? EXIT.usage : EXIT.refused;
}

/** For `farcall --help`. */
export const EXIT_HELP = `
Exit codes:
  0  done; where hosts were awaited, each one returned or skipped
  1  a mistake in farcall
  2  the command line, the configuration or a file is wrong
  3  the request is over, and at least one host neither returned nor skipped
  4  the controller refused
  5  the controller cannot be reached; trying again may help
  6  you said no
  7  the request is not over yet (report)
  8  something is wrong with the store (audit verify)`;
