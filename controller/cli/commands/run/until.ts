import { FINAL_STATES, type RequestView } from '../../../../shared/messages/index.ts';
import { sumOf } from '../../../views/index.ts';
import { EXIT, type ExitCode, exitCodeOfRequest } from '../../core/index.ts';
import { wavesOf } from '../../output/index.ts';

/**
 * The events that `farcall watch --until` can wait for.
 *
 * - `done`: the request is over.
 * - `wave`: one more wave has ended since the watch began.
 * - `promotion`: a wave waits for promotion.
 *
 * Each of them also ends the watch if the rollout cannot go on without a person. While approvals are missing,
 * they wait for people.
 */
export const UNTIL = ['done', 'wave', 'promotion'] as const;

/** One of {@link UNTIL}. */
export type Until = (typeof UNTIL)[number];

/** When a watch ends, and with which exit code. */
export interface WatchEnd {
  /**
   * The exit code if the event has come by this view, or cannot come by itself. Undefined if the watch goes
   * on.
   */
  reached(view: RequestView): ExitCode | undefined;
  /** The exit code after the last event. */
  over(view: RequestView): ExitCode;
}

/**
 * The end of a watch. Without an event to wait for, it ends with the request, or as soon as nothing more can
 * happen without a person: approvals are missing, or the rollout is stopped or paused or waits for promotion.
 */
export function untilEnd(until: Until | undefined): WatchEnd {
  let endedAtFirst: number | undefined;
  return {
    over: exitCodeOfRequest,
    reached(view) {
      const ended = endedWaves(view);
      endedAtFirst ??= ended;
      if (FINAL_STATES.includes(view.state) || view.state === 'aborting') return undefined;
      const awaitsApproval = view.state === 'pending' || view.state === 'rejected';
      if (awaitsApproval) return until === undefined ? exitCodeOfRequest(view) : undefined;
      const state = view.rollout?.state;
      if ((state === 'stopped' && !isTryingAgain(view)) || state === 'paused') return exitCodeOfRequest(view);
      if (until === 'wave' && ended > endedAtFirst) return EXIT.ok;
      if (state !== 'awaiting-promotion') return undefined;
      return until === undefined || until === 'done' ? EXIT.halted : EXIT.ok;
    },
  };
}

/** Whether hosts of a stopped rollout owe an answer to a retry. */
function isTryingAgain(view: RequestView): boolean {
  const begun = wavesOf(view).filter(({ state }) => state !== 'pending');
  return (view.rollout?.attempt ?? 1) > 1 && begun.some(({ hosts, outcomes }) => sumOf(outcomes) < hosts);
}

function endedWaves(view: RequestView): number {
  return wavesOf(view).filter(({ state }) => state === 'passed' || state === 'failed').length;
}
