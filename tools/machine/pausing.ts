import type { Channel, GuestProcess } from './channel.ts';
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
  const begin = (): void => {
    wake();
    running += 1;
  };
  const end = (): void => {
    running -= 1;
    if (running === 0) rest();
  };
  channel.ready.then(rest, () => {});
  return {
    ...channel,
    start(launch) {
      begin();
      const program = channel.start(launch);
      if (launch.restsBetweenLines) return restingProgram(program, { begin, end });
      program.exited.then(end, end);
      return program;
    },
  };
}

/** The program, which counts as running from each line of its input to the line that answers it. */
function restingProgram(
  program: GuestProcess,
  { begin, end }: { readonly begin: () => void; readonly end: () => void },
): GuestProcess {
  let works = true;
  const answered = (): void => {
    if (works) end();
    works = false;
  };
  const asked = (): void => {
    if (!works) begin();
    works = true;
  };
  program.stdout.on('data', (piece: Buffer) => {
    if (piece.at(-1) === 0x0a) answered();
  });
  program.exited.then(answered, answered);
  return {
    ...program,
    writeStdin(data) {
      asked();
      program.writeStdin(data);
    },
    endStdin() {
      asked();
      program.endStdin();
    },
    kill(signal) {
      asked();
      program.kill(signal);
    },
  };
}
