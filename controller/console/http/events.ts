import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { toFarcallError } from '../../../shared/errors/index.ts';
import { errorReply } from './error-reply.ts';

/** One event of a stream (HTML, section 9.2, "Server-sent events"). */
export interface SentEvent {
  readonly event: string;
  readonly data: unknown;
}

/** How often a comment is sent, so that proxies do not close a stream without events. */
const KEEP_ALIVE_INTERVAL_MS = 15_000;

/** Sends events until there are no more or `signal` is aborted. An error becomes the last event. */
export async function sendEvents(
  response: ServerResponse,
  events: AsyncIterable<SentEvent>,
  signal: AbortSignal,
): Promise<void> {
  const keepAlive = setInterval(() => response.write(': still here\n\n'), KEEP_ALIVE_INTERVAL_MS);
  try {
    for await (const sent of events) {
      if (signal.aborted) return;
      await write(response, sent, signal);
    }
  } catch (thrown) {
    if (!signal.aborted)
      await write(response, { event: 'error', data: errorReply(toFarcallError(thrown)).body }, signal);
  } finally {
    clearInterval(keepAlive);
    response.end();
  }
}

/**
 * Writes one event. JSON.stringify writes no line breaks, so one `data:` line holds the data. Waits for slow
 * readers.
 */
async function write(
  response: ServerResponse,
  { event, data }: SentEvent,
  signal: AbortSignal,
): Promise<void> {
  if (response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)) return;
  await once(response, 'drain', { signal }).catch(() => undefined);
}
