import type { Channel } from './channel.ts';
import type { Monitor } from './monitor.ts';

/** A guest that has run nothing for so long stands still until it is needed. */
const IDLE_MS = 300;

/**
 * Gives a channel to the same guest, whose CPU stands still (QMP's `stop` and `cont`) while it runs no
 * program that the host started. An emulated CPU that only waits takes a tenth of one of the host's. The
 * guest's clocks stand still with it: its time of day then lags behind.
 */
export function pausingChannel(channel: Channel, monitor: Monitor): Channel {
  let running = 0;
  let isPaused = false;
  let timer: NodeJS.Timeout | undefined;
  const pause = (): void => {
    isPaused = true;
    monitor.execute('stop').catch(() => {});
  };
  const rest = (): void => {
    timer = setTimeout(pause, IDLE_MS);
    timer.unref();
  };
  const wake = (): void => {
    clearTimeout(timer);
    if (isPaused) monitor.execute('cont').catch(() => {});
    isPaused = false;
  };
  channel.ready.then(rest, () => {});
  return {
    ...channel,
    start(launch) {
      wake();
      running += 1;
      const program = channel.start(launch);
      const ended = (): void => {
        running -= 1;
        if (running === 0) rest();
      };
      program.exited.then(ended, ended);
      return program;
    },
  };
}
