import { type ErrorCode, FarcallError } from '../../shared/errors/index.ts';

/** Who called whom when something failed. */
export interface Attempt {
  readonly address: string;
  readonly caFile?: string | undefined;
  readonly name?: string;
  readonly keyFile?: string;
  readonly kid?: string;
}

/** What is known of a failure. */
interface Failure extends Attempt {
  /** What was underneath, as the network or TLS library says it. */
  readonly underneath: string;
}

const hints = new WeakMap<Error, readonly string[]>();

/** The same error, which now says too what a person can do about it: see {@link hintsOf}. */
export function explainFailure(thrown: unknown, attempt: Attempt): unknown {
  if (!(thrown instanceof FarcallError)) return thrown;
  const hint = HINTS[thrown.code];
  if (hint) hints.set(thrown, hint({ ...attempt, underneath: underneathOf(thrown) }));
  return thrown;
}

/** What a person can do about an error, line by line; empty where its message says all there is. */
export function hintsOf(thrown: unknown): readonly string[] {
  return (thrown instanceof Error && hints.get(thrown)) || [];
}

const WHERE =
  'farcall context show says which address, name and key are used, farcall help contexts where from';

const clockHint = (): readonly string[] => [
  'each call is signed with the time of this machine, and good for a minute at the controller',
  'compare both clocks with the true time: timedatectl, here and there',
];

const HINTS: Partial<Record<ErrorCode, (failure: Failure) => readonly string[]>> = {
  UNREACHABLE: failure => [...reasonOf(failure), WHERE],
  TOKEN_KEY_UNKNOWN: ({ name, kid, keyFile }) => [
    `${keyFile} (key id ${kid}) is no key of ${name} that the trust bundle has now: wrong file, wrong name, or not valid yet or any more`,
    'farcall trust show lists who has which keys; with your public key the roots can add it: farcall trust add, sign, publish',
  ],
  TOKEN_SIGNATURE: ({ keyFile }) => [
    `${keyFile} may be damaged; farcall trust show lists the keys that count`,
  ],
  TOKEN_EXPIRED: clockHint,
  CLOCK_WRONG: clockHint,
  TRUST_EXPIRED: () => [
    'nothing is trusted until enough roots sign a newer bundle; nobody need be known to the controller for it:',
    '  farcall trust show --out now.json;  farcall trust add now.json --expires 365d --out next.json',
    '  farcall trust sign next.json --current now.json --key ROOT.key   (enough roots);  farcall trust publish next.json',
  ],
  TRUST_MISSING: () => ['the roots make and publish the first: farcall help trust'],
  FORBIDDEN: ({ name }) => [`farcall trust show lists what ${name} may do; only the roots can change that`],
  RATE_LIMITED: () => ['wait a little, and try again'],
};

/** Of a controller that does not answer: what to look at first, by what the network said. */
function reasonOf({ address, caFile, underneath }: Failure): readonly string[] {
  if (/certificate|self[- ]signed|altname|CERT_|unable to verify/i.test(underneath))
    return [
      `who answers at ${address} has no certificate for it by an authority in ${caFile}: ${lastWords(underneath)}`,
      'is caFile the ca.pem of this controller, and the address a name in its certificate?',
    ];
  if (/ECONNREFUSED/.test(underneath))
    return [`nothing listens there: does farcall-controller run (systemctl status farcall-controller)?`];
  if (/ENOENT/.test(underneath))
    return ['there is no such socket: does farcall-controller run on this machine?'];
  if (/ENOTFOUND|EAI_AGAIN|Name resolution/i.test(underneath))
    return [`the name in ${address} cannot be resolved; is it spelled right, and does DNS work here?`];
  if (/ECONNRESET|socket hang up|wrong version|EPROTO|packet length/i.test(underneath))
    return [
      caFile === undefined
        ? 'it hangs up on us: a controller with TLS needs caFile'
        : 'it hangs up on us: it may speak no TLS, or not be a farcall controller',
    ];
  return ['is it the right machine and port, and does a firewall let you through?'];
}

function underneathOf({ cause }: FarcallError): string {
  if (!(cause instanceof Error)) return '';
  const details = 'details' in cause ? String(cause.details) : '';
  return `${details} ${cause.message}`;
}

function lastWords(underneath: string): string {
  return (/Last error: ([^\n.]+)/.exec(underneath)?.[1] ?? underneath).slice(0, 200).trim();
}
