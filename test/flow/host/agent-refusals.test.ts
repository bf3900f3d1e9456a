import { expect, test } from 'vitest';
import { orderEnvelopeCodec } from '../../../shared/messages/index.ts';
import { eventually } from '../../kit/eventually.ts';
import { agentHome } from '../../kit/fleet/agent-home.ts';
import { loadsOf, startAgentProcess } from '../../kit/fleet/agent-process.ts';
import { natsServerOfTest } from '../../kit/fleet/nats-server-of-test.ts';
import { startStandInController } from '../../kit/fleet/stand-in-controller.ts';
import type { OrderChanges } from '../../kit/order-kit.ts';

const HOUR_MS = 3_600_000;

/** Starts everything; `settled` publishes a good order and gives the results of all orders before it. */
async function startHost(policy: Readonly<Record<string, unknown>> = {}) {
  const nats = await natsServerOfTest();
  const controller = await startStandInController(nats);
  const home = await agentHome(nats, { policy });
  const agent = startAgentProcess(home);
  await eventually('the agent listens', () => controller.questions.count > 0);
  return {
    ...{ controller, home, agent, kit: home.kit },
    async settled() {
      const { envelope, requestDigest } = await home.kit.order();
      await controller.publish(envelope);
      const isLast = (digest: Uint8Array): boolean => Buffer.from(digest).equals(requestDigest);
      await eventually('the good order is run', () => controller.results.find(r => isLast(r.requestDigest)));
      return controller.results.filter(({ requestDigest: digest }) => !isLast(digest));
    },
  };
}

test('orders for which nobody is owed an answer get none', async () => {
  const { controller, home, kit, agent, settled } = await startHost();
  const now = Date.now();
  const ignored: OrderChanges[] = [
    { orderBy: 'mallory' },
    { orderBy: 'bob' },
    { iss: 'somebody' },
    { iatMs: now - 2 * HOUR_MS },
    { nbfMs: now + HOUR_MS / 2 },
    { req: 'A'.repeat(43) },
    { request: { selector: 'env=prod' } },
    { request: { selector: 'host=web-02' } },
    { slice: { from: 0, to: 0 } },
  ];
  for (const changes of ignored) await controller.publish((await kit.order(changes)).envelope);
  const { envelope } = await kit.order();
  for (const bytes of [
    new Uint8Array(),
    Buffer.from('stray'),
    envelope.subarray(0, -1),
    Buffer.alloc(900_000, 10),
  ])
    await controller.publish(bytes);
  expect(await settled()).toEqual([]);
  expect(loadsOf(home)).toHaveLength(1);
  for (const code of ['TOKEN_KEY_UNKNOWN', 'TOKEN_CLAIMS', 'TOKEN_EXPIRED', 'MESSAGE_INVALID'])
    expect(agent.log()).toContain(code);
  expect(await agent.kill('SIGTERM')).toBe(0);
  expect(agent.log()).toMatch(/"order.ignored.NOT_SELECTED":3/);
});

test('an order that people did not approve is refused with a signed result', async () => {
  const { controller, home, kit, settled } = await startHost();
  const other = await kit.order();
  const othersApprovals = [
    await kit.approval('bob', other.requestBytes),
    await kit.approval('carol', other.requestBytes),
  ];
  const refused: OrderChanges[] = [
    { approvers: [] },
    { approvers: ['bob'] },
    { approvers: ['bob', 'bob'] },
    { approvers: ['bob', 'bob2'] },
    { approvers: ['bob', 'alice'] },
    { approvers: ['bob', 'mallory'] },
    { approvals: othersApprovals },
    { request: { expiresAtMs: Date.now() - 1 } },
  ];
  for (const changes of refused) await controller.publish((await kit.order(changes)).envelope);
  const results = await settled();
  expect(results.map(({ outcome, error }) => [outcome, error?.code])).toEqual([
    ...Array(7).fill(['refused', 'APPROVALS_INSUFFICIENT']),
    ['refused', 'REQUEST_EXPIRED'],
  ]);
  expect(loadsOf(home)).toHaveLength(1);
});

test('the policy of the host has the last word', async () => {
  const policy = {
    longestTimeoutMs: 5000,
    functions: { allow: ['*'], deny: ['panic'] },
    largestProgramBytes: 100,
  };
  const { controller, home, kit, settled } = await startHost(policy);
  for (const request of [
    { fuel: 10_000_001 },
    { timeoutMs: 5001 },
    { program: 'x'.repeat(101) },
    { effect: 'read' as const },
  ])
    await controller.publish((await kit.order({ request })).envelope);
  const results = await settled();
  expect(results.map(({ error }) => error?.message)).toEqual([
    expect.stringContaining('mostFuel'),
    expect.stringContaining('longestTimeoutMs'),
    expect.stringContaining('largestProgramBytes'),
    expect.stringContaining('declared effect'),
  ]);
  expect(loadsOf(home)).toHaveLength(1);
});

test('a redelivered or respelled order runs nothing again', async () => {
  const { controller, home, kit, settled } = await startHost();
  const { envelope, request } = await kit.order();
  const decoded = orderEnvelopeCodec.decode(envelope);
  const unknownField = Buffer.concat([envelope, Buffer.from([0x78, 1])]);
  const reordered = orderEnvelopeCodec.encode({ ...decoded, approvals: decoded.approvals.toReversed() });
  const { envelope: newToken } = await kit.order({ request, jti: 'another-token' });
  for (const bytes of [envelope, envelope, unknownField, reordered, newToken, envelope])
    await controller.publish(bytes);
  const results = await settled();
  expect(new Set(results.map(({ finishedAtMs, outcome }) => `${outcome} ${finishedAtMs}`)).size).toBe(1);
  expect(loadsOf(home)).toHaveLength(2);
});
