import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../../kit/eventually.ts';
import { agentHome } from '../../kit/fleet/agent-home.ts';
import { loadsOf, startAgentProcess } from '../../kit/fleet/agent-process.ts';
import { natsServerOfTest } from '../../kit/fleet/nats-server-of-test.ts';
import { startStandInController } from '../../kit/fleet/stand-in-controller.ts';

test('a result that ends while the broker is away arrives when it is back', async () => {
  const nats = await natsServerOfTest();
  const controller = await startStandInController(nats);
  const home = await agentHome(nats);
  const agent = startAgentProcess(home);
  await eventually('the agent listens', () => controller.questions.count === 1);
  await controller.publish((await home.kit.order({ request: { program: 'slow 300' } })).envelope);
  await eventually('the call runs', () => loadsOf(home).length === 1);
  await nats.kill();
  await eventually('the call has ended', () => agent.log().includes('an order has ended'));
  expect(controller.results).toEqual([]);
  await nats.start();
  await eventually('the result arrives', () => controller.results[0]);
  await eventually('the agent says hello again', () => controller.hellos.length >= 2);
  await eventually('it asks for missed orders again', () => controller.questions.count >= 2);
});

test('an agent that starts before the broker connects later, and gets the orders that it missed', async () => {
  const nats = await natsServerOfTest();
  await nats.kill();
  const home = await agentHome(nats);
  const agent = startAgentProcess(home);
  await eventually('it tries', () => agent.log().includes('the agent cannot connect to the broker'));
  await nats.start();
  const controller = await startStandInController(nats);
  controller.openOrders = [(await home.kit.order()).envelope, (await home.kit.order()).envelope];
  await eventually('both are run', () => controller.results.length === 2);
});

test('orders that were missed are asked for until a controller answers', async () => {
  const nats = await natsServerOfTest();
  const home = await agentHome(nats);
  const agent = startAgentProcess(home);
  await eventually('it asks in vain', () => agent.log().includes('no controller listed the open orders'));
  const controller = await startStandInController(nats);
  controller.openOrders = [(await home.kit.order()).envelope];
  await eventually('the order is run', () => loadsOf(home).length === 1);
});

test('open orders that do not fit one reply are asked for in turn, and then no more', async () => {
  const nats = await natsServerOfTest();
  const controller = await startStandInController(nats);
  controller.replyLimit = 2;
  const home = await agentHome(nats);
  for (let i = 0; i < 5; i++) controller.openOrders.push((await home.kit.order()).envelope);
  const agent = startAgentProcess(home);
  await eventually('all are run', () => loadsOf(home).length === 5);
  await eventually('there are none left', () => agent.log().includes('"orders":0'));
  expect(controller.questions.count).toBe(4);
  expect(controller.results).toHaveLength(5);
});

test('an order that is not valid yet is asked for again', async () => {
  const nats = await natsServerOfTest();
  const controller = await startStandInController(nats);
  const home = await agentHome(nats);
  // 30 s of difference between clocks are allowed.
  controller.openOrders = [(await home.kit.order({ nbfMs: Date.now() + 40_000 })).envelope];
  const agent = startAgentProcess(home);
  await eventually('it is ignored at first', () => agent.log().includes('not yet valid'));
  await eventually('it is run', () => loadsOf(home).length === 1);
});

test('a controller that starts late receives the hello of this host', async () => {
  const nats = await natsServerOfTest();
  const home = await agentHome(nats);
  const agent = startAgentProcess(home);
  await eventually('it asks in vain', () => agent.log().includes('no controller listed the open orders'));
  const controller = await startStandInController(nats);
  await eventually('it says hello', () => controller.hellos.length > 0);
});

test('a result that the controller does not want is kept, and sent again after a start', async () => {
  const nats = await natsServerOfTest();
  const controller = await startStandInController(nats);
  controller.answer = 'reject';
  const home = await agentHome(nats);
  const first = startAgentProcess(home);
  await eventually('the agent listens', () => controller.questions.count > 0);
  await controller.publish((await home.kit.order()).envelope);
  await eventually(
    'it is said why',
    () => /rejected a result/.test(first.log()) && /not wanted/.test(first.log()),
  );
  await first.kill('SIGTERM');
  controller.answer = 'commit';
  const second = startAgentProcess(home);
  await eventually('it is committed', () => second.log().includes('the controller has committed a result'));
  expect(loadsOf(home)).toHaveLength(1);
  await second.kill('SIGTERM');
  const results = controller.results.length;
  const third = startAgentProcess(home);
  await eventually('it asks', () => third.log().includes('the controller listed the open orders'));
  await third.kill('SIGTERM');
  expect(controller.results).toHaveLength(results);
});

test('an agent waits for the right credential, and then works with no more rights on the broker than it needs', async () => {
  const nats = await natsServerOfTest();
  const controller = await startStandInController(nats);
  const home = await agentHome(nats);
  const credential = join(home.stateDirectory, 'broker.jwt');
  const right = readFileSync(credential, 'utf8');
  // Of the same account, for the same host, and for another nkey.
  writeFileSync(credential, (await nats.hostLogin('web-01')).jwt);
  const agent = startAgentProcess(home);
  await eventually('it is turned away twice', () => agent.log().split('Authorization Violation').length > 2);
  writeFileSync(credential, right);
  await eventually('it says hello', () => controller.hellos.length === 1);
  await controller.publish((await home.kit.order()).envelope);
  await eventually('it is committed', () => agent.log().includes('the controller has committed a result'));
  await agent.kill('SIGTERM');
  expect(agent.log()).not.toContain(readFileSync(join(home.stateDirectory, 'broker.seed'), 'utf8'));
  expect(agent.log()).not.toMatch(/permissions violation/i);
});
