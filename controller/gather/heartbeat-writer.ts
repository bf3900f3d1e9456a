import { type FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import type { Logger } from '../log/index.ts';
import { type HeartbeatStore, isStoreDown, type ReceivedHeartbeat } from '../store/index.ts';
import { type BatchedWriter, batchedWriter } from './batched-writer.ts';

export interface HeartbeatWriterDeps {
  readonly heartbeats: Pick<HeartbeatStore, 'keep'>;
  readonly log: Logger;
}

/** Writes heartbeats to the store, many in one transaction. */
export type HeartbeatWriter = BatchedWriter<ReceivedHeartbeat>;

/** A writer. Only the newest heartbeat of a host is queued. What the store did not take is tried again. */
export function heartbeatWriter({ heartbeats, log }: HeartbeatWriterDeps): HeartbeatWriter {
  return batchedWriter<ReceivedHeartbeat>({
    keyOf: ({ host }) => host,
    pick: (before, next) => (before.observedAtMs >= next.observedAtMs ? before : next),
    async write(batch) {
      for (const { heartbeat, err } of await keepApart(heartbeats, batch))
        log.error({ host: heartbeat.host, err }, "the store refuses a host's heartbeat: it is dropped");
    },
    onError(err, batch, isFirst) {
      if (isFirst) log.error({ err }, 'heartbeats cannot be stored: trying again until it works');
      return batch;
    },
  });
}

interface RefusedHeartbeat {
  readonly heartbeat: ReceivedHeartbeat;
  readonly err: FarcallError;
}

/** After more failed transactions than this it is the store that fails, and not what some hosts sent. */
const FAILURES_LIMIT = 64;

/**
 * Keeps a batch, and returns the heartbeats that the store refuses by themselves. Throws the store's error
 * while it takes nothing.
 *
 * Threat: a host sends what the store does not take, and its heartbeat shares a transaction with those of
 * others. So a batch that fails is halved until the culprit is alone.
 */
async function keepApart(
  store: HeartbeatWriterDeps['heartbeats'],
  batch: readonly ReceivedHeartbeat[],
): Promise<readonly RefusedHeartbeat[]> {
  const refused: RefusedHeartbeat[] = [];
  let failures = 0;
  const keepPart = async (part: readonly ReceivedHeartbeat[]): Promise<void> => {
    try {
      await store.keep(part);
    } catch (thrown) {
      const err = toFarcallError(thrown);
      failures += 1;
      if (isStoreDown(err) || failures > FAILURES_LIMIT) throw err;
      const [heartbeat] = part;
      if (heartbeat && part.length === 1) {
        refused.push({ heartbeat, err });
        return;
      }
      const half = part.length >> 1;
      await keepPart(part.slice(0, half));
      await keepPart(part.slice(half));
    }
  };
  await keepPart(batch);
  if (refused.length < batch.length) return refused;
  throw refused[0]?.err;
}
