import { send } from './client.ts';
import { EventParser, type StreamEvent } from './event-parser.ts';

/**
 * The events that a server sends, until it ends the stream. Throws ApiError where it refuses or the connection breaks.
 * (Not EventSource: that hides why it failed, and cannot POST.)
 */
export async function* eventStream(path: string, init: RequestInit): AsyncGenerator<StreamEvent> {
  const response = await send(path, { ...init, headers: { accept: 'text/event-stream', ...init.headers } });
  if (!response.body) return;
  const parser = new EventParser();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield* parser.push(value);
  }
}
