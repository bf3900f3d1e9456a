import type { Logger } from '../log/index.ts';
import type { HeartbeatStore, ReceivedHeartbeat } from '../store/index.ts';

export interface HeartbeatWriterDeps {
  readonly heartbeats: Pick<HeartbeatStore, 'keep'>;
  readonly log: Logger;
}

/** Writes heartbeats to the store, many in one transaction. */
export interface HeartbeatWriter {
  /** Queues a heartbeat, which is written within about a second. */
  take(heartbeat: ReceivedHeartbeat): void;
  /** Writes what is queued. Later heartbeats are ignored. */
  stop(): Promise<void>;
}

/**
 * How long heartbeats are collected. There is at most one transaction in this time, for any number of hosts.
 */
const GATHER_MS = 1000;

/**
 * A writer. Only the newest heartbeat of a host is queued, so the queue never exceeds the size of the fleet.
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
      if (!failing) log.error({ err }, 'heartbeats cannot be stored: trying again until it works');
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
