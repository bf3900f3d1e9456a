import type { Logger } from '../log/index.ts';
import type { HeartbeatStore, ReceivedHeartbeat } from '../store/index.ts';

/** What a keeper needs. */
export interface HeartbeatWriterDeps {
  readonly heartbeats: Pick<HeartbeatStore, 'keep'>;
  readonly log: Logger;
}

/** Keeps heartbeats in the store, many at a time. */
export interface HeartbeatWriter {
  /** Has it kept within a second or so. */
  take(heartbeat: ReceivedHeartbeat): void;
  /** Keeps what there is, and takes no more. */
  stop(): Promise<void>;
}

/**
 * How long heartbeats gather: there is one transaction in this time at most, however many hosts there are.
 */
const GATHER_MS = 1000;

/**
 * A keeper; of one host only the newest waits, so it grows no larger than the fleet while the store is away.
 */
export function heartbeatWriter({ heartbeats, log }: HeartbeatWriterDeps): HeartbeatWriter {
  let waiting = new Map<string, ReceivedHeartbeat>();
  let timer: NodeJS.Timeout | undefined;
  let keeping: Promise<void> = Promise.resolve();
  let failing = false;
  let stopped = false;

  const take = (heartbeat: ReceivedHeartbeat): void => {
    const before = waiting.get(heartbeat.host);
    if (stopped || (before && before.observedAtMs >= heartbeat.observedAtMs)) return;
    waiting.set(heartbeat.host, heartbeat);
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
      await heartbeats.keep(batch);
      failing = false;
    } catch (err) {
      if (!failing) log.error({ err }, 'heartbeats cannot be kept; they are tried again until it works');
      failing = true;
      for (const heartbeat of batch) take(heartbeat);
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
