import { natsBus } from '../bus/index.ts';
import type { AgentConfig } from '../config/index.ts';
import type { AgentEnvironment } from './environment.ts';
import { openFoundation } from './foundation.ts';
import { serve } from './serve.ts';
import { buildServices } from './services.ts';

/** An agent that serves its host. */
export interface RunningAgent {
  /** Whether there is a connection to the broker now. */
  isConnected(): boolean;
  /**
   * Takes no more orders, waits for the one that runs (as long as the configuration says), sends what can be
   * sent, and closes everything. What remains is in the journal. A second call waits for the first.
   */
  stop(): Promise<void>;
}

/**
 * Starts an agent. When this returns, every attempt that was interrupted before has an outcome; the
 * connection to the broker follows in the background. If a step throws, what was opened before is closed, the
 * latest first. Throws FarcallError if the configuration, the files that it names or the journal cannot be
 * used.
 */
export async function startAgent(config: AgentConfig, environment: AgentEnvironment): Promise<RunningAgent> {
  await using opened = new AsyncDisposableStack();
  const foundation = await openFoundation(config, environment, opened);
  const { credentials, tls, log, random } = foundation;
  const { host, nats } = config;
  const bus = natsBus({ servers: nats.servers, host, credentials, tls, log, random });
  await serve(foundation, buildServices(foundation, bus), opened);
  const running = opened.move();
  let stopped: Promise<void> | undefined;
  return {
    isConnected: () => bus.isConnected(),
    stop() {
      stopped ??= running.disposeAsync();
      return stopped;
    },
  };
}
