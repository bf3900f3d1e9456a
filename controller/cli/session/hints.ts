import { type ErrorCode, FarcallError } from '../../../shared/errors/index.ts';

/** The call that failed: the controller's address, and the operator if the call was authenticated. */
export interface FailedCommand {
  readonly address: string;
  readonly caFile?: string | undefined;
  readonly name?: string;
  readonly key?: string;
  readonly kid?: string;
}

interface Failure extends FailedCommand {
  /** The message of the network or TLS library. */
  readonly causeText: string;
  /** Whether the controller itself says this: then it can be reached. */
  readonly isAnswer: boolean;
}

/** The errors that a controller sent. */
const answers = new WeakSet<Error>();

/** Remembers that a controller sent this error, so that it can be reached. Returns the same error. */
export function markAnswer<E extends Error>(error: E): E {
  answers.add(error);
  return error;
}

const hints = new WeakMap<Error, readonly string[]>();

/** Attaches hints to an error, for {@link hintsOf}, and returns the same error. */
export function explainFailure(thrown: unknown, failed: FailedCommand): unknown {
  if (!(thrown instanceof FarcallError)) return thrown;
  const hint = HINTS[thrown.code];
  if (hint)
    hints.set(thrown, hint({ ...failed, causeText: causeTextOf(thrown), isAnswer: isAnswer(thrown) }));
  return thrown;
}

/** What a person can do about an error, line by line. Empty if the message alone is enough. */
export function hintsOf(thrown: unknown): readonly string[] {
  return (thrown instanceof Error && hints.get(thrown)) || [];
}

const WHERE =
  'farcall context show prints the address, name and key in use; farcall help contexts says where they come from';

const BEHIND =
  'the controller itself answers: something behind it does not, such as the broker; farcall requests says since when';

const clockHint = (): readonly string[] => [
  'each call is signed with the time of this machine; the controller accepts it for one minute',
  'compare both clocks with the true time: run timedatectl here and on the controller',
];

const HINTS: Partial<Record<ErrorCode, (failure: Failure) => readonly string[]>> = {
  UNREACHABLE: failure => (failure.isAnswer ? [BEHIND] : [...connectionHints(failure), WHERE]),
  STORE_FULL: () => [
    'the disk of the controller or of its database is full; reading works, and nothing can be changed',
  ],
  STORE_FAILED: () => ['the log of the controller says why: journalctl -u farcall-controller'],
  TOKEN_KEY_UNKNOWN: ({ name, kid, key }) => [
    `${key} (key id ${kid}) is not a key of ${name} in the current trust bundle: the key or the name is wrong, or the key is not valid now`,
    'farcall trust show lists everyone and their keys; the roots can add your public key: farcall trust add, sign, publish',
  ],
  TOKEN_SIGNATURE: ({ key }) => [`${key} may be damaged; farcall trust show lists the keys that are valid`],
  TOKEN_EXPIRED: clockHint,
  CLOCK_WRONG: clockHint,
  TRUST_EXPIRED: () => [
    'nobody is trusted until enough roots sign a newer bundle; these commands need no trusted key:',
    '  farcall trust show --out now.json;  farcall trust add now.json --expires 365d --out next.json',
    '  farcall trust sign next.json --current now.json --key ROOT.key   (enough roots);  farcall trust publish next.json',
  ],
  TRUST_MISSING: () => ['the roots make and publish the first bundle: see farcall help trust'],
  FORBIDDEN: ({ name }) => [`farcall trust show lists what ${name} may do; only the roots can change that`],
  RATE_LIMITED: () => ['wait a little, and try again'],
};

/** Hints for a controller that does not answer, by what the network or TLS library reported. */
function connectionHints({ address, caFile, causeText }: Failure): readonly string[] {
  if (/certificate|self[- ]signed|altname|CERT_|unable to verify/i.test(causeText))
    return [
      `the server at ${address} has no certificate for this address by an authority in ${caFile}: ${lastErrorOf(causeText)}`,
      'check that caFile is the ca.pem of this controller, and that its certificate contains the address',
    ];
  if (/ECONNREFUSED/.test(causeText))
    return ['nothing listens there; check that farcall-controller runs: systemctl status farcall-controller'];
  if (/DEADLINE_EXCEEDED|deadline exceeded/i.test(causeText))
    return [
      'something accepts the connection and does not answer; look whether farcall-controller hangs or is busy',
    ];
  if (/ENOENT/.test(causeText))
    return ['there is no such socket; check that farcall-controller runs on this machine'];
  if (/ENOTFOUND|EAI_AGAIN|Name resolution/i.test(causeText))
    return [`the name in ${address} cannot be resolved; check its spelling, and DNS on this machine`];
  if (/ECONNRESET|socket hang up|wrong version|EPROTO|packet length/i.test(causeText))
    return [
      caFile === undefined
        ? 'the server closed the connection; if the controller uses TLS, set caFile'
        : 'the server closed the connection; it may not use TLS, or not be a farcall controller',
    ];
  return ['check the machine and the port, and that no firewall is in the way'];
}

/** An error may have been made of another one that the controller sent. */
function isAnswer(error: FarcallError): boolean {
  if (answers.has(error)) return true;
  return error.cause instanceof FarcallError && isAnswer(error.cause);
}

function causeTextOf({ cause }: FarcallError): string {
  if (cause instanceof FarcallError) return causeTextOf(cause);
  if (!(cause instanceof Error)) return '';
  const details = 'details' in cause ? String(cause.details) : '';
  return `${details} ${cause.message}`;
}

function lastErrorOf(causeText: string): string {
  return (/Last error: ([^\n.]+)/.exec(causeText)?.[1] ?? causeText).slice(0, 200).trim();
}
