import { setTimeout as delay } from 'node:timers/promises';
import type { Sink } from './sink.ts';
import { type SinkStatus, SinkStream, type SinkStreamDeps } from './sink-stream.ts';

/** The sinks of a controller at work. */
export interface AuditSinks {
  statuses(): readonly SinkStatus[];
  /** Stops streaming and closes the sinks. */
  stop(): Promise<void>;
}

/** How long an entry waits at most until it is read. */
const POLL_MS = 500;

/**
 * Starts to stream the audit log to `sinks`, each by itself: none waits for another, and nothing waits for
 * them.
 */
export function startSinks(sinks: readonly Sink[], deps: Omit<SinkStreamDeps, 'random'>): AuditSinks {
  const stopping = new AbortController();
  const streams = sinks.map(sink => new SinkStream(sink, { ...deps, random: Math.random }));
  const running = streams.map(stream => runUntil(stream, stopping.signal));
  return {
    statuses: () => streams.map(stream => stream.status()),
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

async function runUntil(stream: SinkStream, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await stream.run(signal);
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  await stream.stop();
}
