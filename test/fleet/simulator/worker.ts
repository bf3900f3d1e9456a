// Many agents in one process, told what to do over the channel of child_process: `node worker.ts FOLDER`.

import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import { readAgentConfig } from '../../../agent/config/index.ts';
import { type RunningAgent, startAgent } from '../../../agent/service/index.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import { KERNEL_FACTS, standInStages } from '../../agent/support/stand-in-stages.ts';
import { type Behaviour, loadAs } from './behaviour.ts';
import type { Answer, Command, HostOrder } from './messages.ts';

const [folder = ''] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const agents = new Map<string, RunningAgent>();
const specs = new Map<string, HostOrder>();
/** Calls that the simulated kernels began, by host. */
const runs = new Map<string, number>();
let stopped = false;

/**
 * Agents that start at once. More TLS handshakes than the processors do in five seconds would all time out.
 */
const AT_ONCE = 32;
const FLAP_UP_MS = 700;
const FLAP_DOWN_MS = 300;

async function start({ name, behaviour, kernelRelease }: HostOrder): Promise<void> {
  const stages = standInStages({
    facts: () => ({ ...KERNEL_FACTS, kernelRelease }),
    load: () => {
      runs.set(name, (runs.get(name) ?? 0) + 1);
      return loadAs(behaviour);
    },
  });
  const config = readAgentConfig(join(folder, name, 'agent.json'));
  const environment = { stages, clock: systemClock, log, random: Math.random };
  agents.set(name, await startAgent(config, environment));
}

async function stop(name: string): Promise<void> {
  const agent = agents.get(name);
  agents.delete(name);
  await agent?.stop();
}

async function flap(host: HostOrder): Promise<void> {
  while (!stopped) {
    await connected(host.name);
    await delay(FLAP_UP_MS * (0.5 + Math.random()));
    await stop(host.name);
    await delay(FLAP_DOWN_MS);
    if (!stopped) await start(host);
  }
}

async function connected(name: string): Promise<void> {
  while (agents.get(name)?.isConnected() === false) await delay(20);
}

async function startAll(hosts: readonly HostOrder[]): Promise<void> {
  const waiting = hosts.values();
  const serve = async (): Promise<void> => {
    for (const host of waiting) {
      specs.set(host.name, host);
      if (host.behaviour === 'offline') continue;
      await start(host);
      await connected(host.name);
      if (host.behaviour === 'flapping') void flap(host);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, serve));
}

const DO: {
  readonly [K in Command['do']]: (command: Extract<Command, { do: K }>) => Promise<Partial<Answer>>;
} = {
  async start({ hosts }) {
    await startAll(hosts);
    return {};
  },
  async wake({ names }) {
    const awake: Behaviour = 'fast';
    for (const name of names) await start({ ...specs.get(name)!, behaviour: awake });
    return {};
  },
  async look() {
    return { runs: [...runs] };
  },
  async stop() {
    stopped = true;
    await Promise.all([...agents.keys()].map(stop));
    return {};
  },
};

process.on('message', async (command: Command) => {
  // biome-ignore lint/suspicious/noExplicitAny: the table above pairs each command with its own function
  const work = DO[command.do] as (command: any) => Promise<Partial<Answer>>;
  try {
    process.send!({ id: command.id, ...(await work(command)) });
  } catch (error) {
    process.send!({ id: command.id, failed: String(error) });
  }
});
void once(process, 'disconnect').then(() => process.exit(0));
