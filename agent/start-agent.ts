import { mkdirSync } from 'node:fs';
import { FarcallError } from '../shared/errors/index.ts';
import { brokerTls } from '../shared/tls/index.ts';
import { Agent } from './agent.ts';
import { type AgentConfig, busCredentials } from './config/index.ts';
import { StateLock } from './journal/index.ts';
import { openContext } from './open-context.ts';
import { settleInterrupted } from './run-order/index.ts';
import type { AgentSurroundings } from './surroundings.ts';

/** An agent at work. */
export interface RunningAgent {
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
export async function startAgent(
  config: AgentConfig,
  surroundings: AgentSurroundings,
): Promise<RunningAgent> {
  const { nats } = config;
  const credentials = busCredentials(nats);
  const tls = brokerTls(nats.servers, nats.caFile);
  makeStateDirectory(config.stateDirectory);
  const lock = StateLock.take(config.stateDirectory);
  try {
    let agent: Agent | undefined;
    const context = await openContext(config, surroundings, {
      resultReady: () => agent?.sendResults(),
      askToSign: async (envelope, timeoutMs) => {
        if (!agent) throw new FarcallError('UNREACHABLE', 'the agent is not connected yet');
        return agent.askToSign(envelope, timeoutMs);
      },
    });
    await settleInterrupted(context);
    context.journal.compactIfDue(context.clock.nowMs());
    agent = new Agent({ config, context, credentials, tls, random: surroundings.random, lock });
    return agent;
  } catch (error) {
    lock.release();
    throw error;
  }
}

function makeStateDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `the state directory ${path} cannot be made`, { cause });
  }
}
