import { mkdirSync } from 'node:fs';
import { FarcallError } from '../../shared/errors/index.ts';
import type { MetricsServer } from '../../shared/metrics/index.ts';
import { brokerTls } from '../../shared/tls/index.ts';
import { busCredentials } from '../bus/index.ts';
import type { AgentConfig } from '../config/index.ts';
import { StateLock } from '../journal/index.ts';
import { recoverInterrupted } from '../run-order/index.ts';
import { Agent } from './agent.ts';
import type { AgentEnvironment } from './environment.ts';
import { type AgentContext, openContext } from './open-context.ts';

/** An agent at work. */
export interface RunningAgent {
  /** Whether there is a connection to the broker now. */
  isConnected(): boolean;
  /**
   * Takes no more orders, waits for the one that runs (as long as the configuration says), sends what can be sent, and
   * lets go of everything. What remains stands in the journal.
   */
  stop(): Promise<void>;
}

/**
 * Starts an agent. When this returns, everything that was interrupted before is settled; the connection comes by itself.
 * Throws FarcallError where the configuration, the files it names or the journal cannot be used.
 */
export async function startAgent(config: AgentConfig, environment: AgentEnvironment): Promise<RunningAgent> {
  const { nats } = config;
  const credentials = busCredentials(nats);
  const tls = brokerTls(nats.servers, nats.caFile);
  makeStateDirectory(config.stateDirectory);
  const lock = StateLock.take(config.stateDirectory);
  try {
    let agent: Agent | undefined;
    const context = await openContext(config, environment, {
      resultReady: () => agent?.sendResults(),
      askToSign: async (envelope, timeoutMs) => {
        if (!agent) throw new FarcallError('UNREACHABLE', 'the agent is not connected yet');
        return agent.askToSign(envelope, timeoutMs);
      },
    });
    await recoverInterrupted(context);
    context.journal.compactIfDue(context.clock.nowMs());
    const metrics = await metricsServer(config, context, () => agent?.isConnected() ?? false);
    agent = new Agent({ config, context, credentials, tls, random: environment.random, lock });
    return withMetrics(agent, metrics);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Loaded only where it is configured: an idle agent without is smaller. */
async function metricsServer(
  { metrics }: AgentConfig,
  context: AgentContext,
  isConnected: () => boolean,
): Promise<MetricsServer | undefined> {
  if (!metrics) return undefined;
  const { serveAgentMetrics } = await import('../metrics/index.ts');
  const server = await serveAgentMetrics(metrics.listen, { ...context, agent: { isConnected } });
  context.log.info({ listen: server.address }, 'metrics and probes are served');
  return server;
}

function withMetrics(agent: Agent, metrics: MetricsServer | undefined): RunningAgent {
  return {
    isConnected: () => agent.isConnected(),
    async stop() {
      await metrics?.close();
      await agent.stop();
    },
  };
}

function makeStateDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `the state directory ${path} cannot be made`, { cause });
  }
}
