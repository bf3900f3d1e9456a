import { OUTCOME_NAMES, OUTCOMES, type Outcome } from '../../../../shared/outcome/index.ts';
import type { RequestState } from '../api/index.ts';

/** What a colour means: well, nothing was done, look at it, not there yet. */
export type Tone = 'ok' | 'skip' | 'held' | 'bad' | 'idle' | 'busy';

/** What stands before a word beside its colour, so that nobody need see colours. */
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

/** How an outcome looks. */
export interface OutcomeStyle {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly meaning: string;
}

/** Every outcome, and hosts without one. */
export const OUTCOME_STYLE: Readonly<Record<Outcome | 'waiting', OutcomeStyle>> = {
  returned: { tone: 'ok', shape: 'check', meaning: OUTCOMES.returned },
  skipped: { tone: 'skip', shape: 'dash', meaning: OUTCOMES.skipped },
  refused: { tone: 'held', shape: 'stop', meaning: OUTCOMES.refused },
  'not-applicable': { tone: 'held', shape: 'minus', meaning: OUTCOMES['not-applicable'] },
  'compile-error': { tone: 'held', shape: 'braces', meaning: OUTCOMES['compile-error'] },
  'load-error': { tone: 'held', shape: 'down', meaning: OUTCOMES['load-error'] },
  faulted: { tone: 'bad', shape: 'cross', meaning: OUTCOMES.faulted },
  'timed-out': { tone: 'bad', shape: 'clock', meaning: OUTCOMES['timed-out'] },
  unknown: { tone: 'bad', shape: 'question', meaning: OUTCOMES.unknown },
  expired: { tone: 'held', shape: 'hourglass', meaning: OUTCOMES.expired },
  unreachable: { tone: 'held', shape: 'link', meaning: OUTCOMES.unreachable },
  waiting: { tone: 'idle', shape: 'dots', meaning: 'No outcome yet.' },
};

/** In the order of reports; who waits comes last. */
export const OUTCOMES_SHOWN: readonly (Outcome | 'waiting')[] = [...OUTCOME_NAMES, 'waiting'];

/** What the states of requests, rollouts and waves look like. */
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
  pending: { tone: 'busy', shape: 'seal', meaning: 'Waits for approvals.' },
  rejected: { tone: 'bad', shape: 'stop', meaning: 'An approver said no, and has not taken that back.' },
  approved: { tone: 'busy', shape: 'check', meaning: 'Enough approvals; the order follows.' },
  dispatched: { tone: 'busy', shape: 'play', meaning: 'Ordered; hosts answer.' },
  aborting: { tone: 'held', shape: 'stop', meaning: 'Aborted; hosts still owe their outcome.' },
  finished: { tone: 'ok', shape: 'check', meaning: 'Every host has its outcome.' },
  expired: { tone: 'idle', shape: 'hourglass', meaning: 'Ended without being ordered.' },
  aborted: { tone: 'held', shape: 'stop', meaning: 'Aborted; every host has its outcome.' },
  waiting: { tone: 'idle', shape: 'dots', meaning: 'Nothing is ordered yet.' },
  running: { tone: 'busy', shape: 'play', meaning: 'A wave is out.' },
  baking: { tone: 'busy', shape: 'hourglass', meaning: 'The wave has answered and is watched.' },
  'awaiting-promotion': { tone: 'held', shape: 'pause', meaning: 'A person must send the next wave.' },
  paused: { tone: 'held', shape: 'pause', meaning: 'A person has halted it.' },
  stopped: {
    tone: 'bad',
    shape: 'stop',
    meaning: 'Too many failed; only a retry that mends the wave leads on.',
  },
  done: { tone: 'ok', shape: 'check', meaning: 'Every wave passed.' },
  passed: { tone: 'ok', shape: 'check', meaning: 'The wave passed its gate.' },
  failed: { tone: 'bad', shape: 'cross', meaning: 'The wave passed a limit of its gate.' },
};
