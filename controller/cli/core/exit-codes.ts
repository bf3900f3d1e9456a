import type { ErrorCode } from '../../../shared/errors/index.ts';
import { FINAL_STATES, type RequestView } from '../../../shared/messages/index.ts';

/** The exit codes of `farcall`. Scripts rely on them, so they are stable. */
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

/** The meaning of each code. The help and docs/guide/command-line.md get it from here. */
const SUMMARIES: Readonly<Record<ExitCode, string>> = {
  [EXIT.ok]: 'success; if the command waited for hosts, each of them returned or skipped',
  [EXIT.failed]: 'a bug in farcall',
  [EXIT.usage]: 'the command line, the configuration or a file is wrong',
  [EXIT.hostsFailed]: 'the request is over, and at least one host neither returned nor skipped',
  [EXIT.refused]: 'the controller refused',
  [EXIT.unreachable]: 'the controller cannot be reached; trying again may help',
  [EXIT.declined]: 'you said no',
  [EXIT.unfinished]: 'the request is not over yet',
  [EXIT.tampered]:
    'the store, the audit log or a release fails its verification (audit verify, audit follow, release verify)',
  [EXIT.stopped]: 'too many hosts failed, so the gate of the request stopped the rollout',
  [EXIT.halted]: 'a person must decide how to go on: the rollout is paused, or a wave waits for promotion',
  [EXIT.aborted]: 'the request was aborted',
  [EXIT.expired]: 'the request expired before it was ordered: nothing ran',
  [EXIT.unapproved]: 'approvals are missing, or an approver rejected the request',
  [EXIT.interrupted]: 'you pressed Ctrl-C; the request goes on',
};

const USAGE: readonly ErrorCode[] = [
  'CONFIG_INVALID',
  'FILE_UNREADABLE',
  'KEY_UNAVAILABLE',
  'KEY_REFUSED',
  'KEY_WRONG',
  'SELECTOR_INVALID',
  'ROLLOUT_INVALID',
  'MESSAGE_INVALID',
  'PROGRAM_TOO_LARGE',
];

/** The exit code for an error. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  if (code === 'INTERNAL') return EXIT.failed;
  if (code === 'UNREACHABLE' || code === 'STORE_FAILED' || code === 'STORE_FULL') return EXIT.unreachable;
  if (code === 'AUDIT_CONTRADICTED' || code === 'RELEASE_INVALID') return EXIT.tampered;
  return USAGE.includes(code) ? EXIT.usage : EXIT.refused;
}

/** The exit code for the status of a request. Only a request that is over can be a success. */
export function exitCodeOfRequest(view: RequestView): ExitCode {
  const { state, rollout } = view;
  if (state === 'pending' || state === 'rejected') return EXIT.unapproved;
  if (state === 'aborted') return EXIT.aborted;
  if (state === 'expired') return EXIT.expired;
  if (rollout?.state === 'stopped') return EXIT.stopped;
  if (FINAL_STATES.includes(state)) return everyHostSucceeded(view) ? EXIT.ok : EXIT.hostsFailed;
  return rollout?.state === 'paused' || rollout?.state === 'awaiting-promotion'
    ? EXIT.halted
    : EXIT.unfinished;
}

/** Whether each host returned or skipped. */
function everyHostSucceeded({ outcomes, expectedHosts }: RequestView): boolean {
  const succeeded = outcomes.filter(({ outcome }) => outcome === 'returned' || outcome === 'skipped');
  return succeeded.reduce((sum, { hosts }) => sum + hosts, 0) === expectedHosts;
}

/** What exit codes mean for one command, where that differs from what they mean for the others. */
export type ExitMeanings = Readonly<Partial<Record<ExitCode, string>>>;

/** One line for each of these exit codes, or for all of them, as the help shows them. */
export function exitLines(codes?: readonly ExitCode[], meanings: ExitMeanings = {}): string[] {
  return summaries()
    .filter(([code]) => !codes || codes.includes(Number(code) as ExitCode))
    .map(([code, text]) => `${code.padStart(5)}  ${meanings[Number(code) as ExitCode] ?? text}`);
}

/** The exit codes as a Markdown table, as in docs/guide/command-line.md. A test compares the two. */
export function exitTable(): string {
  const rows = summaries().map(([code, text]) => `| ${code} | ${text} |`);
  return ['| code | meaning |', '| --- | --- |', ...rows].join('\n');
}

function summaries(): [code: string, text: string][] {
  return Object.entries(SUMMARIES);
}
