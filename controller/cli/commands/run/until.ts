import { FINAL_STATES, type RequestView } from '../../../../shared/messages/index.ts';
import { EXIT, type ExitCode, exitCodeOfRequest } from '../../core/index.ts';
import { wavesOf } from '../../output/index.ts';

/**
 * The events that `farcall watch --until` can wait for.
 *
 * - `done`: the request is over.
 * - `wave`: one more wave has ended since the watch began.
 * - `promotion`: a wave waits for promotion.
 *
 * Each of them also ends the watch if the rollout cannot go on without a person.
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

/** The end of a watch with `--until`. Without it, the watch ends with the request. */
export function untilEnd(until: Until | undefined): WatchEnd {
  let endedAtFirst: number | undefined;
  return {
    over: exitCodeOfRequest,
    reached(view) {
      const ended = endedWaves(view);
      endedAtFirst ??= ended;
      if (until === undefined || FINAL_STATES.includes(view.state)) return undefined;
      const state = view.rollout?.state;
      if (state === 'stopped' || state === 'paused') return exitCodeOfRequest(view);
      if (until === 'wave' && ended > endedAtFirst) return EXIT.ok;
      if (state !== 'awaiting-promotion') return undefined;
      return until === 'done' ? EXIT.halted : EXIT.ok;
    },
  };
}

function endedWaves(view: RequestView): number {
  return wavesOf(view).filter(({ state }) => state === 'passed' || state === 'failed').length;
}
