import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveChanges } from '../../../../controller/console/web/api/live.ts';

const ALIVE = 'event: alive\ndata: {"troubles":[]}\n\n';

/** A controller whose streams the test writes; the newest is that of the newest connection. */
let streams: ReadableStreamDefaultController<Uint8Array>[];
let live: LiveChanges;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  streams = [];
  vi.stubGlobal('fetch', async (_url: string, { signal }: RequestInit) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        streams.push(controller);
        signal?.addEventListener('abort', () => controller.error(signal.reason));
      },
    });
    return new Response(body);
  });
  live = new LiveChanges();
  live.start();
});
afterEach(() => {
  live.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Lets so much time pass, and then all that follows from it. */
async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}

async function hear(): Promise<void> {
  await pass(0);
  streams.at(-1)?.enqueue(new TextEncoder().encode(ALIVE));
  await pass(0);
}

test('a page is live only while it heard something within five seconds, though its connection stands', async () => {
  expect(live.status.state).toBe('connecting');
  await hear();
  expect(live.status.state).toBe('live');
  await pass(4900);
  expect(live.status.state).toBe('live');
  await pass(2000);
  expect(live.status.state).toBe('silent');
  await hear();
  expect(live.status.state).toBe('live');
  expect(streams).toHaveLength(1);
});

test('a page that hears nothing for twenty seconds makes its connection again', async () => {
  await hear();
  await pass(22_000);
  expect(live.status.state).toBe('retrying');
  await pass(1000);
  expect(streams).toHaveLength(2);
  await hear();
  expect(live.status.state).toBe('live');
});
