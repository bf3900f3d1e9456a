import { EventSourceParserStream } from 'eventsource-parser/stream';
import { postOf, send } from './client.ts';
import { type BodyOf, pathOf, type StreamEventOf, type StreamKey } from './routes.ts';

/** Longest event: a plan of many kernels. A stream with a longer one is not ours. */
const EVENT_LIMIT_CHARS = 32 << 20;

/**
 * The events of a stream, until the server ends it. Throws {@link ApiError} where the server refuses or the
 * connection breaks. (EventSource itself hides why it failed, and cannot POST.)
 */
export async function* eventStream<Key extends StreamKey>(
  key: Key,
  body: BodyOf<Key>,
  signal: AbortSignal,
): AsyncGenerator<StreamEventOf<Key>> {
  const url = pathOf(key.split(' ')[1] ?? '', {});
  const { headers, ...init } = body === undefined ? {} : postOf(body);
  const response = await send(url, { ...init, headers: { accept: 'text/event-stream', ...headers }, signal });
  if (!response.body) return;
  const reader = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream({ maxBufferSize: EVENT_LIMIT_CHARS }))
    .getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield { event: value.event ?? 'message', data: JSON.parse(value.data) } as StreamEventOf<Key>;
  }
}
