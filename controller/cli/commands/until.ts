import { FINAL_STATES, type RequestView } from '../../../shared/messages/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { exitOf } from '../output/standing.ts';
import { wavesOf } from '../output/waves.ts';

/**
 * What a watcher can await.
 *
 * - `done`: the request is over. `wave`: one more wave has ended than when the watcher began.
 * - `promotion`: a wave waits for a person to send the next one.
 *
 * Each ends too where only a person can say how it goes on.
 */
export const UNTIL = ['done', 'wave', 'promotion'] as const;

/** One of {@link UNTIL}. */
export type Until = (typeof UNTIL)[number];

/** When a watcher ends, and how. */
export interface WatchEnd {
  /**
   * The exit code where what was awaited is there by this view, or cannot come by itself; undefined where not
   * yet.
   */
  reached(view: RequestView): ExitCode | undefined;
  /** The exit code after the last event. */
  over(view: RequestView): ExitCode;
}

/** The end for `--until`; without it only the request's own end counts. */
export function untilEnd(until: Until | undefined): WatchEnd {
  let endedAtFirst: number | undefined;
  return {
    over: exitOf,
    reached(view) {
      const ended = endedWaves(view);
      endedAtFirst ??= ended;
      if (until === undefined || FINAL_STATES.includes(view.state)) return undefined;
      const state = view.rollout?.state;
      if (state === 'stopped' || state === 'paused') return exitOf(view);
      if (until === 'wave' && ended > endedAtFirst) return EXIT.ok;
      if (state !== 'awaiting-promotion') return undefined;
      return until === 'done' ? EXIT.halted : EXIT.ok;
    },
  };
}

function endedWaves(view: RequestView): number {
  return wavesOf(view).filter(({ state }) => state === 'passed' || state === 'failed').length;
}
