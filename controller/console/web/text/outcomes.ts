import {
  OUTCOME_NAMES,
  OUTCOMES,
  type Outcome,
  type OutcomeFacts,
  type OutcomeTone,
} from '../../../../shared/outcome/index.ts';
import type { RequestState } from '../api/index.ts';

/** Meaning of a colour: success, nothing done, needs a look, failure, not started, in progress. */
export type Tone = OutcomeTone | 'idle' | 'busy';

/** The icon before a name, so that nobody needs to see the colour. */
export type Shape =
  | 'check'
  | 'dash'
  | 'stop'
  | 'minus'
  | 'braces'
  | 'down'
  | 'cross'
  | 'clock'
  | 'question'
  | 'hourglass'
  | 'link'
  | 'dots'
  | 'play'
  | 'pause'
  | 'seal';

/** Colour, icon and meaning of an outcome. */
export interface OutcomeStyle {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly meaning: string;
}

function looksOf({ tone, meaning }: OutcomeFacts): Pick<OutcomeStyle, 'tone' | 'meaning'> {
  return { tone, meaning };
}

/** How each outcome looks, and hosts without one. */
export const OUTCOME_STYLE: Readonly<Record<Outcome | 'waiting', OutcomeStyle>> = {
  returned: { ...looksOf(OUTCOMES.returned), shape: 'check' },
  skipped: { ...looksOf(OUTCOMES.skipped), shape: 'dash' },
  refused: { ...looksOf(OUTCOMES.refused), shape: 'stop' },
  'not-applicable': { ...looksOf(OUTCOMES['not-applicable']), shape: 'minus' },
  'compile-error': { ...looksOf(OUTCOMES['compile-error']), shape: 'braces' },
  'load-error': { ...looksOf(OUTCOMES['load-error']), shape: 'down' },
  aborted: { ...looksOf(OUTCOMES.aborted), shape: 'stop' },
  faulted: { ...looksOf(OUTCOMES.faulted), shape: 'cross' },
  'timed-out': { ...looksOf(OUTCOMES['timed-out']), shape: 'clock' },
  unknown: { ...looksOf(OUTCOMES.unknown), shape: 'question' },
  'not-ordered': { ...looksOf(OUTCOMES['not-ordered']), shape: 'minus' },
  expired: { ...looksOf(OUTCOMES.expired), shape: 'hourglass' },
  unreachable: { ...looksOf(OUTCOMES.unreachable), shape: 'link' },
  waiting: { tone: 'idle', shape: 'dots', meaning: 'No outcome yet.' },
};

/** In the order of reports, hosts without an outcome last. */
export const OUTCOMES_SHOWN: readonly (Outcome | 'waiting')[] = [...OUTCOME_NAMES, 'waiting'];

/** How the states of requests, rollouts and waves look. */
export const STATE_TEXT: Readonly<
  Record<
    | RequestState
    | 'waiting'
    | 'running'
    | 'baking'
    | 'awaiting-promotion'
    | 'paused'
    | 'stopped'
    | 'done'
    | 'passed'
    | 'failed',
    { readonly tone: Tone; readonly shape: Shape; readonly meaning: string }
  >
> = {
  pending: { tone: 'busy', shape: 'seal', meaning: 'Waiting for approvals.' },
  rejected: {
    tone: 'bad',
    shape: 'stop',
    meaning: 'An approver rejected it and has not withdrawn the rejection.',
  },
  approved: { tone: 'busy', shape: 'check', meaning: 'Enough people approved; the order follows.' },
  dispatched: { tone: 'busy', shape: 'play', meaning: 'Ordered; hosts are answering.' },
  aborting: {
    tone: 'held',
    shape: 'stop',
    meaning: 'Aborted; some hosts have neither answered nor said that they obey it.',
  },
  finished: { tone: 'idle', shape: 'check', meaning: 'Every host has its outcome.' },
  expired: { tone: 'idle', shape: 'hourglass', meaning: 'It ended before it was ordered: nothing ran.' },
  aborted: { tone: 'held', shape: 'stop', meaning: 'Aborted; every host has its outcome.' },
  waiting: { tone: 'idle', shape: 'dots', meaning: 'Nothing is ordered yet.' },
  running: { tone: 'busy', shape: 'play', meaning: 'A wave was ordered.' },
  baking: {
    tone: 'busy',
    shape: 'hourglass',
    meaning: 'Every host of the wave answered; the hosts are being watched.',
  },
  'awaiting-promotion': { tone: 'held', shape: 'pause', meaning: 'A person must promote the next wave.' },
  paused: { tone: 'held', shape: 'pause', meaning: 'A person paused it.' },
  stopped: {
    tone: 'bad',
    shape: 'stop',
    meaning: 'Too many hosts failed; only a successful retry of the wave continues it.',
  },
  done: { tone: 'idle', shape: 'check', meaning: 'No wave is left; their outcomes say how it ended.' },
  passed: { tone: 'idle', shape: 'check', meaning: 'The wave passed its gate.' },
  failed: { tone: 'bad', shape: 'cross', meaning: 'The wave exceeded a limit of its gate.' },
};

/** From the best to the worst. */
const BY_WORTH: readonly OutcomeTone[] = ['ok', 'skip', 'held', 'bad'];

/**
 * The colour of something that is over: that of the worst outcome of its hosts. A state alone says that it
 * ended, and not how. Undefined without outcomes.
 */
export function worstTone(
  outcomes: readonly { readonly outcome: Outcome; readonly hosts: number }[],
): OutcomeTone | undefined {
  const tones = outcomes.filter(({ hosts }) => hosts > 0).map(({ outcome }) => OUTCOMES[outcome].tone);
  return BY_WORTH.findLast(tone => tones.includes(tone));
}
