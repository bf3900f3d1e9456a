import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { toFarcallError } from '../../../shared/errors/index.ts';
import { errorReply } from './error-reply.ts';

/** One event of a stream (HTML, section 9.2, "Server-sent events"). */
export interface SentEvent {
  readonly event: string;
  readonly data: unknown;
}

/** A comment so often keeps proxies from closing a stream that says nothing. */
const HEARTBEAT_MS = 15_000;

/** Sends events until there are no more, the reader goes away, or `signal` is aborted; an error is the last event. */
export async function sendEvents(
  response: ServerResponse,
  events: AsyncIterable<SentEvent>,
  signal: AbortSignal,
): Promise<void> {
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
  try {
    for await (const sent of events) {
      if (signal.aborted) return;
      await write(response, sent, signal);
    }
  } catch (thrown) {
    if (!signal.aborted)
      await write(response, { event: 'error', data: errorReply(toFarcallError(thrown)).body }, signal);
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}

/** JSON has no line breaks of its own, so one `data:` line holds it. A reader that is slow is waited for. */
async function write(
  response: ServerResponse,
  { event, data }: SentEvent,
  signal: AbortSignal,
): Promise<void> {
  if (response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)) return;
  await once(response, 'drain', { signal }).catch(() => undefined);
}
