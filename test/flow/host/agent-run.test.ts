import { expect, test } from 'vitest';
import { eventually } from '../../kit/eventually.ts';
import { agentHome } from '../../kit/fleet/agent-home.ts';
import { loadsOf, startAgentProcess } from '../../kit/fleet/agent-process.ts';
import { natsServerOfTest } from '../../kit/fleet/nats-server-of-test.ts';
import { startStandInController } from '../../kit/fleet/stand-in-controller.ts';

test('an approved order is run once, and its signed result is committed', async () => {
  const nats = await natsServerOfTest();
  const controller = await startStandInController(nats);
  const home = await agentHome(nats);
  const agent = startAgentProcess(home);
  await eventually('the agent says hello', () => controller.hellos.length === 1);
  await eventually('the agent asks for missed orders', () => controller.questions.count === 1);
  const { envelope, requestDigest } = await home.kit.order();
  await controller.publish(envelope);
  const result = await eventually('a result', () => controller.results[0]);
  expect(result).toMatchObject({
    host: 'web-01',
    outcome: 'returned',
    attempt: 1,
    value: { text: '(int)17' },
  });
  expect(Buffer.from(result.requestDigest)).toEqual(Buffer.from(requestDigest));
  await eventually('the result is committed', () =>
    agent.log().includes('the controller has committed a result'),
  );
  expect(loadsOf(home)).toEqual([expect.stringMatching(/^farcall_[0-9a-f]{16}_1$/)]);
  expect(await agent.kill('SIGTERM')).toBe(0);
  expect(agent.log()).toContain('the agent stops');
});
