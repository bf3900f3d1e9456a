import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../../kit/eventually.ts';
import { agentHome } from '../../kit/fleet/agent-home.ts';
import { type AgentProcess, startAgentProcess } from '../../kit/fleet/agent-process.ts';
import { natsServerOfTest } from '../../kit/fleet/nats-server-of-test.ts';
import { startStandInController } from '../../kit/fleet/stand-in-controller.ts';

/** Four MiB of it are TLS to the broker; what was measured differs by two from run to run. */
const LIMIT_KIB = 102_000;

function residentKib(agent: AgentProcess): number {
  const status = readFileSync(`/proc/${agent.child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]);
}

test('an idle agent that is started as the launcher does it is small', async () => {
  const nats = await natsServerOfTest();
  const controller = await startStandInController(nats);
  const home = await agentHome(nats);
  const launcher = readFileSync(new URL('../../../deploy/bin/farcall-agent', import.meta.url), 'utf8');
  const nodeArgs = launcher.match(/(?<=^\*\) set -- .*)--\S+/gm) ?? [];
  expect(nodeArgs).not.toEqual([]);
  const env = { NODE_COMPILE_CACHE: join(home.directory, 'cache') };
  const first = startAgentProcess(home, { env, nodeArgs });
  await eventually('the agent listens', () => controller.questions.count === 1);
  await first.kill('SIGTERM');
  const second = startAgentProcess(home, { env, nodeArgs });
  await eventually('the agent listens again', () => controller.questions.count === 2);
  await eventually('the agent is small', () => residentKib(second) < LIMIT_KIB);
});
