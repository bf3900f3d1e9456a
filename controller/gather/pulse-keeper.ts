import type { Logger } from '../log/index.ts';
import type { PulseStore, ReceivedPulse } from '../store/index.ts';

/** What a keeper needs. */
export interface PulseKeeperDeps {
  readonly pulses: Pick<PulseStore, 'keep'>;
  readonly log: Logger;
}

/** Keeps signs of life in the store, many at a time. */
export interface PulseKeeper {
  /** Has it kept within a second or so. */
  take(pulse: ReceivedPulse): void;
  /** Keeps what there is, and takes no more. */
  stop(): Promise<void>;
}

/** How long signs of life gather: there is one transaction in this time at most, however many hosts there are. */
const GATHER_MS = 1000;

/** A keeper; of one host only the newest waits, so it grows no larger than the fleet while the store is away. */
export function pulseKeeper({ pulses, log }: PulseKeeperDeps): PulseKeeper {
  let waiting = new Map<string, ReceivedPulse>();
  let timer: NodeJS.Timeout | undefined;
  let keeping: Promise<void> = Promise.resolve();
  let failing = false;
  let stopped = false;

  const take = (pulse: ReceivedPulse): void => {
    const before = waiting.get(pulse.host);
    if (stopped || (before && before.observedAtMs >= pulse.observedAtMs)) return;
    waiting.set(pulse.host, pulse);
    timer ??= setTimeout(() => {
      timer = undefined;
      keeping = keeping.then(keep);
    }, GATHER_MS);
  };
  const keep = async (): Promise<void> => {
    const batch = [...waiting.values()];
    waiting = new Map();
    if (batch.length === 0) return;
    try {
      await pulses.keep(batch);
      failing = false;
    } catch (err) {
      if (!failing) log.error({ err }, 'signs of life cannot be kept; they are tried again until it works');
      failing = true;
      for (const pulse of batch) take(pulse);
    }
  };
  return {
    take,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await keeping;
      await keep();
    },
  };
}
