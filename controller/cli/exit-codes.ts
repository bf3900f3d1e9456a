import type { ErrorCode } from '../../shared/errors/index.ts';

/** How `farcall` ends; stable, for scripts. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  hostsFailed: 3,
  refused: 4,
  unreachable: 5,
  declined: 6,
  unfinished: 7,
  tampered: 8,
  stopped: 9,
  halted: 10,
  aborted: 11,
  expired: 12,
  unapproved: 13,
  interrupted: 130,
} as const;

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each code means. The help and docs/guide/command-line.md get it from here. */
const SUMMARIES: Readonly<Record<ExitCode, string>> = {
  [EXIT.ok]: 'done; where hosts were awaited, what was awaited came and each of them returned or skipped',
  [EXIT.failed]: 'a mistake in farcall',
  [EXIT.usage]: 'the command line, the configuration or a file is wrong',
  [EXIT.hostsFailed]: 'the request is over, and at least one host neither returned nor skipped',
  [EXIT.refused]: 'the controller refused',
  [EXIT.unreachable]: 'the controller cannot be reached; trying again may help',
  [EXIT.declined]: 'you said no',
  [EXIT.unfinished]: 'the request is not over yet',
  [EXIT.tampered]: 'something is wrong with the store (audit verify)',
  [EXIT.stopped]: 'too many hosts failed: the gate of the request stopped it',
  [EXIT.halted]: 'a person has to say how it goes on: it is paused, or a wave waits for promotion',
  [EXIT.aborted]: 'the request was aborted',
  [EXIT.expired]: 'the request ended without being ordered: nobody approved it in time',
  [EXIT.unapproved]: 'approvals are missing, or an approver rejected it',
  [EXIT.interrupted]: 'you ended it by Ctrl-C; the request goes on',
};

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

/** A line for each of these exit codes, or for all, as help shows them. */
export function exitLines(codes?: readonly ExitCode[]): string[] {
  return summaries()
    .filter(([code]) => !codes || codes.includes(Number(code) as ExitCode))
    .map(([code, text]) => `${code.padStart(5)}  ${text}`);
}

/** The table of docs/guide/command-line.md; a test compares the two. */
export function exitTable(): string {
  const rows = summaries().map(([code, text]) => `| ${code} | ${text} |`);
  return ['| code | meaning |', '| --- | --- |', ...rows].join('\n');
}

function summaries(): [code: string, text: string][] {
  return Object.entries(SUMMARIES);
}
