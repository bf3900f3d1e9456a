import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../kit/eventually.ts';
import { type AgentHome, agentHome } from '../../kit/fleet/agent-home.ts';
import { loadsOf, startAgentProcess } from '../../kit/fleet/agent-process.ts';
import { natsServerOfTest } from '../../kit/fleet/nats-server-of-test.ts';
import { type StandInController, startStandInController } from '../../kit/fleet/stand-in-controller.ts';

async function startWorld(): Promise<{ controller: StandInController; home: AgentHome }> {
  const nats = await natsServerOfTest();
  return { controller: await startStandInController(nats), home: await agentHome(nats) };
}

describe('killed with SIGKILL, an agent says after its next start what it knows', () => {
  const rows: [killAt: string, outcome: string, loads: number][] = [
    ['compile', 'returned', 1],
    ['load-begin', 'unknown', 1],
    ['load-end', 'unknown', 1],
  ];
  test.each(rows)('killed at %s: %s', async (killAt, outcome, loads) => {
    const { controller, home } = await startWorld();
    const { envelope } = await home.kit.order();
    controller.openOrders = [envelope];
    const first = startAgentProcess(home, { env: { FARCALL_TEST_KILL_AT: killAt } });
    expect(await first.ended()).toBe('SIGKILL');
    expect(controller.results).toEqual([]);

    const second = startAgentProcess(home);
    const result = await eventually('the result', () => controller.results[0]);
    expect(result).toMatchObject({ outcome, attempt: 1 });
    await eventually('it is committed', () => second.log().includes('the controller has committed a result'));
    await controller.publish(envelope);
    await eventually('the replay is seen', () =>
      second.log().includes('an order repeats a request that this host has answered'),
    );
    expect(loadsOf(home)).toHaveLength(loads);
    expect(new Set(controller.results.map(r => r.outcome))).toEqual(new Set([outcome]));
  });
});

test('an agent that is killed before the controller has committed sends the same result again', async () => {
  const { controller, home } = await startWorld();
  controller.answer = 'silence';
  const { envelope } = await home.kit.order();
  const first = startAgentProcess(home);
  await eventually('the agent listens', () => controller.questions.count > 0);
  await controller.publish(envelope);
  const before = await eventually('a result', () => controller.results[0]);
  await first.kill('SIGKILL');

  controller.answer = 'commit';
  startAgentProcess(home);
  const again = await eventually('it comes again', () => controller.results[1]);
  expect(again).toEqual(before);
  expect(loadsOf(home)).toHaveLength(1);
});

test('killed at any moment, no attempt runs twice and each ends in one result', async () => {
  const { controller, home } = await startWorld();
  const digests: string[] = [];
  for (let round = 0; round < 6; round++) {
    const { envelope, requestDigest } = await home.kit.order({ request: { program: 'slow 30' } });
    digests.push(Buffer.from(requestDigest).toString('hex'));
    const questions = controller.questions.count;
    controller.openOrders = [...controller.openOrders, envelope];
    const agent = startAgentProcess(home);
    await eventually('the agent asks', () => controller.questions.count > questions);
    await delay(Math.random() * 120);
    await agent.kill('SIGKILL');
  }
  const last = startAgentProcess(home);
  await eventually('it connects', () => last.log().includes('the agent is connected to the broker'));
  const ended = () => new Set(controller.results.map(r => Buffer.from(r.requestDigest).toString('hex')));
  await eventually('all have ended', () => ended().size === digests.length);
  const loads = loadsOf(home);
  expect(new Set(loads).size).toBe(loads.length);
  for (const digest of digests) {
    const results = controller.results.filter(r => Buffer.from(r.requestDigest).toString('hex') === digest);
    const outcomes = new Set(results.map(({ outcome, finishedAtMs }) => `${outcome} ${finishedAtMs}`));
    expect(outcomes.size).toBe(1);
    expect(['returned', 'unknown']).toContain(results[0]?.outcome);
    if (results[0]?.outcome === 'returned') expect(loads).toContain(`farcall_${digest.slice(0, 16)}_1`);
  }
  expect(await last.kill('SIGTERM')).toBe(0);
});

test('an agent that is asked to stop lets the call end and sends its result', async () => {
  const { controller, home } = await startWorld();
  const agent = startAgentProcess(home);
  await eventually('the agent listens', () => controller.questions.count > 0);
  await controller.publish((await home.kit.order({ request: { program: 'slow 500' } })).envelope);
  await eventually('the call runs', () => loadsOf(home).length === 1);
  expect(await agent.kill('SIGTERM')).toBe(0);
  expect(controller.results).toMatchObject([{ outcome: 'returned' }]);
});

test('an agent that is asked to stop waits for a limited time; the call is then unknown after the next start', async () => {
  const nats = await natsServerOfTest();
  const controller = await startStandInController(nats);
  const home = await agentHome(nats, { config: { stopGraceMs: 50 } });
  const agent = startAgentProcess(home);
  await eventually('the agent listens', () => controller.questions.count > 0);
  await controller.publish((await home.kit.order({ request: { program: 'slow 100000' } })).envelope);
  await eventually('the call runs', () => loadsOf(home).length === 1);
  expect(await agent.kill('SIGTERM')).toBe(0);
  expect(controller.results).toEqual([]);
  startAgentProcess(home);
  expect(await eventually('a result', () => controller.results[0])).toMatchObject({ outcome: 'unknown' });
});
