/**
 * In what a call on one host can end. Every host that a request expects ends in exactly one of these.
 * `expired` and `unreachable` are said by the controller about a host; the others a host says of itself.
 */
export const OUTCOMES = {
  returned: 'The call ran and its value is in the result.',
  skipped: 'A require() in the program was false: nothing after it was done.',
  refused: 'The host did not accept the order, or its own policy forbids the call.',
  'not-applicable': 'This kernel lacks what the program names: nothing was done.',
  'compile-error': 'The program does not compile against this kernel: nothing was done.',
  'load-error': 'The kernel did not accept the module: nothing was done.',
  faulted: 'The call hit a bad address or an oops; the agent lives on.',
  'timed-out': 'The call did not come back in time; it may still be running.',
  unknown: 'The agent or host stopped while the call ran: it may or may not have happened.',
  expired: 'No result came before the request ended; if the host had the order, it may have run it.',
  unreachable: 'The host was not heard of within the wave.',
} as const;

/** One of the outcomes. */
export type Outcome = keyof typeof OUTCOMES;

/** The outcomes as a list, in the order in which reports show them. */
export const OUTCOME_NAMES = Object.keys(OUTCOMES) as [Outcome, ...Outcome[]];
