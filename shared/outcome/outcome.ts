/** The properties of an outcome. Sets of outcomes, colours, help and documentation all come from here. */
export interface OutcomeFacts {
  /** One sentence for people. */
  readonly meaning: string;
  /** Whether the call ran on the host, or may have run. False means that it certainly did not run. */
  readonly mayHaveRun: boolean;
  /**
   * Whether a gate counts the host as failed, unless the gate names other outcomes. A host that is silent, or
   * whose outcome is unknown, counts as failed too.
   */
  readonly fails: boolean;
  /**
   * Whether an operator may order another attempt for such a host. Not after `skipped`: a program may have
   * had effects before the `require` that ended it. After `unreachable` the host decides: it runs the retry
   * only if it has no record of an earlier run.
   */
  readonly retryable: boolean;
  /**
   * Who states it: the host signs its own outcomes; the controller states the others of a host that is
   * silent.
   */
  readonly saidBy: 'host' | 'controller';
  /** How it is shown: `ok` succeeded, `skip` had nothing to do, `held` did nothing, `bad` needs a person. */
  readonly tone: OutcomeTone;
}

/** See {@link OutcomeFacts.tone}. */
export type OutcomeTone = 'ok' | 'skip' | 'held' | 'bad';

const HOST = { saidBy: 'host' } as const;
const CONTROLLER = { saidBy: 'controller' } as const;

/** Every way in which a call on one host can end. Each host that a request expects ends in exactly one. */
export const OUTCOMES = {
  returned: {
    ...HOST,
    meaning: 'The call ran, and its value is in the result.',
    mayHaveRun: true,
    fails: false,
    retryable: false,
    tone: 'ok',
  },
  skipped: {
    ...HOST,
    meaning: 'A require() in the program was false. Nothing after it was done.',
    mayHaveRun: true,
    fails: false,
    retryable: false,
    tone: 'skip',
  },
  refused: {
    ...HOST,
    meaning: 'The host did not accept the order, or its policy forbids the call. Nothing was done.',
    mayHaveRun: false,
    fails: true,
    retryable: true,
    tone: 'held',
  },
  'not-applicable': {
    ...HOST,
    meaning: 'This kernel lacks something that the program names. Nothing was done.',
    mayHaveRun: false,
    fails: false,
    retryable: true,
    tone: 'held',
  },
  'compile-error': {
    ...HOST,
    meaning: 'The program does not compile against this kernel. Nothing was done.',
    mayHaveRun: false,
    fails: true,
    retryable: true,
    tone: 'held',
  },
  'load-error': {
    ...HOST,
    meaning: 'The kernel did not accept the module. Nothing was done.',
    mayHaveRun: false,
    fails: true,
    retryable: true,
    tone: 'held',
  },
  aborted: {
    ...HOST,
    meaning: 'The request was aborted before this host began it, and it will not. Nothing was done.',
    mayHaveRun: false,
    fails: true,
    retryable: false,
    tone: 'held',
  },
  faulted: {
    ...HOST,
    meaning: 'The call hit a bad address or an oops. The agent continues.',
    mayHaveRun: true,
    fails: true,
    retryable: false,
    tone: 'bad',
  },
  'timed-out': {
    ...HOST,
    meaning: 'The call did not return in time. It may still be running.',
    mayHaveRun: true,
    fails: true,
    retryable: false,
    tone: 'bad',
  },
  unknown: {
    ...HOST,
    meaning: 'The agent or the host stopped while the call ran. The call may have run.',
    mayHaveRun: true,
    fails: true,
    retryable: false,
    tone: 'bad',
  },
  'not-ordered': {
    ...CONTROLLER,
    meaning: 'The request ended before this host was ordered. Nothing was done.',
    mayHaveRun: false,
    fails: true,
    retryable: false,
    tone: 'held',
  },
  expired: {
    ...CONTROLLER,
    meaning: 'The host was ordered, and no result came before the request ended. The call may have run.',
    mayHaveRun: true,
    fails: true,
    retryable: false,
    tone: 'held',
  },
  unreachable: {
    ...CONTROLLER,
    meaning: 'The host was ordered, and not heard from within the wave. The call may have run.',
    mayHaveRun: true,
    fails: true,
    retryable: true,
    tone: 'held',
  },
} as const satisfies Readonly<Record<string, OutcomeFacts>>;

/** A key of {@link OUTCOMES}. */
export type Outcome = keyof typeof OUTCOMES;

/** The outcomes as a list, in the order in which reports show them. */
export const OUTCOME_NAMES = Object.keys(OUTCOMES) as [Outcome, ...Outcome[]];

/** The outcomes that a gate counts as failed unless it names others. */
export const FAILING_OUTCOMES: readonly Outcome[] = OUTCOME_NAMES.filter(name => OUTCOMES[name].fails);

/** The outcomes after which an operator may order another attempt. */
export const RETRYABLE_OUTCOMES: readonly Outcome[] = OUTCOME_NAMES.filter(name => OUTCOMES[name].retryable);

/** Whether the outcome is a statement of the host that the call did not run. */
export function provesNotRun(outcome: Outcome): boolean {
  const { saidBy, mayHaveRun } = OUTCOMES[outcome];
  return saidBy === 'host' && !mayHaveRun;
}
