import { expect, test } from 'vitest';
import { signedBundleCodec } from '../../../shared/messages/index.ts';
import { KEYS } from '../../kit/cast.ts';
import { eventually } from '../../kit/eventually.ts';
import { agentHome } from '../../kit/fleet/agent-home.ts';
import { loadsOf, startAgentProcess } from '../../kit/fleet/agent-process.ts';
import { natsServerOfTest } from '../../kit/fleet/nats-server-of-test.ts';
import { startStandInController } from '../../kit/fleet/stand-in-controller.ts';
import { signedBy } from '../../kit/keys/trust-kit.ts';
import { orderKit } from '../../kit/order-kit.ts';

/** A host with version 1, and version 2 with another controller, which the host has not heard of. */
async function startHost() {
  const kit = orderKit(Date.now());
  const bundle = {
    ...kit.bundle,
    version: 2,
    controllers: [{ name: 'mallory', keys: [KEYS.mallory.publicJwk] }],
  };
  const nats = await natsServerOfTest();
  const controller = await startStandInController(nats);
  const home = await agentHome(nats, { kit });
  const agent = startAgentProcess(home);
  await eventually('the agent asks about bundles', () => controller.trustQuestions.count > 0);
  await eventually('the agent asks about orders', () => controller.questions.count > 0);
  const order = () => kit.order({ orderBy: 'mallory', trustVersion: 2 });
  return { kit, controller, home, agent, order, second: signedBy(bundle) };
}

test('an order that names a newer bundle makes the host fetch it first, and is verified with it', async () => {
  const { controller, home, order, second } = await startHost();
  controller.bundles = [second];
  await controller.publish((await order()).envelope);
  const result = await eventually('a result', () => controller.results[0]);
  expect(result.outcome).toBe('returned');
  expect(loadsOf(home)).toHaveLength(1);
  expect(controller.trustQuestions.count).toBe(2);
});

test('an order that arrives before its bundle runs once the bundle is there', async () => {
  const { controller, home, agent, order, second } = await startHost();
  const { envelope } = await order();
  controller.openOrders = [envelope];
  await controller.publish(envelope);
  await eventually('the order is passed over', () => agent.log().includes('TOKEN_KEY_UNKNOWN'));
  expect(controller.results).toEqual([]);
  controller.admitsBy = 'mallory';
  await controller.announce(signedBundleCodec.encode(second));
  await eventually('a result', () => controller.results[0]);
  expect(loadsOf(home)).toHaveLength(1);
});

test('an order of a controller that the newer bundle has removed does not run', async () => {
  const { kit, controller, home, agent, second } = await startHost();
  await controller.announce(signedBundleCodec.encode(second));
  await eventually('the bundle counts', () => agent.log().includes('the agent accepted a trust bundle'));
  await controller.publish((await kit.order()).envelope);
  await eventually('the order is passed over', () => agent.log().includes('TOKEN_KEY_UNKNOWN'));
  expect(controller.results).toEqual([]);
  expect(loadsOf(home)).toEqual([]);
});
