import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { ChangeFeed } from '../core/index.ts';
import { connectionOptions } from './connect.ts';
import type { PostgresOptions } from './options.ts';

/** Carries change notices between the controllers on one store. */
export interface Listener {
  /** Arguments of `pg_notify` that notify the other controllers of `topic`. */
  noticeOf(topic: string): { readonly channel: string; readonly payload: string };
  close(): Promise<void>;
}

const RECONNECT_WAIT_MS = 500;
const RECONNECT_JITTER_MS = 500;

/**
 * Hears what other controllers changed, on a connection of its own, and tells `feed`. Reconnects without end;
 * since what was said meanwhile is lost, all who wait then look for themselves. `report` hears when it begins
 * and ends to be deaf.
 */
export function startListener(
  options: PostgresOptions,
  feed: ChangeFeed,
  report: (listening: boolean, error?: unknown) => void,
): Listener {
  const self = randomUUID();
  const channel = `farcall_${options.schema}`;
  const stop = new AbortController();
  let client: pg.Client | undefined;

  const receive = (payload = ''): void => {
    const [sender, topic = ''] = payload.split(' ');
    if (sender !== self) feed.notify(topic);
  };
  const listenOnce = async (): Promise<void> => {
    const { statement_timeout, query_timeout, ...rest } = connectionOptions(options);
    client = new pg.Client(rest);
    client.on('notification', ({ payload }) => receive(payload));
    const ended = Promise.withResolvers<unknown>();
    client.on('error', ended.resolve);
    client.on('end', () => ended.resolve(undefined));
    await client.connect();
    await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    if (stop.signal.aborted) return;
    report(true);
    feed.notifyAll();
    const error = await ended.promise;
    if (!stop.signal.aborted) report(false, error);
  };
  const stopped = new Promise<void>(resolve => {
    stop.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const serve = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const listening = listenOnce().catch(error => report(false, error));
      await Promise.race([listening, stopped]);
      // Not waited for: a server that is gone does not answer, and one that is not yet there may take its
      // time.
      client?.end().catch(() => undefined);
      const waitMs = RECONNECT_WAIT_MS + Math.random() * RECONNECT_JITTER_MS;
      await sleep(waitMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const serving = serve();
  return {
    noticeOf: topic => ({ channel, payload: `${self} ${topic}` }),
    async close() {
      stop.abort();
      await serving;
    },
  };
}
