import type { NatsConnection } from 'nats';
import { expect, onTestFinished, test } from 'vitest';
import {
  abortEnvelopeCodec,
  callRequestCodec,
  orderEnvelopeCodec,
  ordersReplyCodec,
  resultCommittedCodec,
  resultEnvelopeCodec,
} from '../../../shared/messages/index.ts';
import { OUTCOME_NAMES } from '../../../shared/outcome/index.ts';
import { allHostsSubject, ORDERS_SUBJECT } from '../../../shared/subjects/index.ts';
import { digestText, type SigningKey, sha256 } from '../../../shared/tokens/index.ts';
import { KEYS, tokenOf } from '../../kit/cast.ts';
import { approvalOf } from '../../kit/decisions.ts';
import { eventually } from '../../kit/eventually.ts';
import { agentHome } from '../../kit/fleet/agent-home.ts';
import { loadsOf, startAgentProcess } from '../../kit/fleet/agent-process.ts';
import { natsServerOfTest } from '../../kit/fleet/nats-server-of-test.ts';
import { admissionFor, startStandInController } from '../../kit/fleet/stand-in-controller.ts';
import type { OrderChanges, OrderKit } from '../../kit/order-kit.ts';

/**
 * A real broker and a real agent; somebody with the controller's key and the broker has both ends of the
 * wire.
 */
async function startHost() {
  const nats = await natsServerOfTest();
  const controller = await startStandInController(nats);
  const home = await agentHome(nats);
  const agent = startAgentProcess(home);
  await eventually('the agent listens', () => controller.questions.count > 0);
  return { nats, controller, home, agent, kit: home.kit };
}

type Host = Awaited<ReturnType<typeof startHost>>;

/** Waits until everything that was published before is looked at: a good order is run behind it. */
async function settled({ controller, kit }: Host) {
  const { envelope, requestDigest } = await kit.order();
  await controller.publish(envelope);
  const isLast = (digest: Uint8Array): boolean => Buffer.from(digest).equals(requestDigest);
  await eventually('the good order', () => controller.results.find(r => isLast(r.requestDigest)));
  return controller.results.filter(({ requestDigest: digest }) => !isLast(digest));
}

/**
 * Everything that can be made of approvals that were seen on the wire, for other bytes than they were given
 * for.
 */
async function reusedApprovals(kit: OrderKit): Promise<OrderChanges[]> {
  const seen = await kit.order();
  const { approvals } = orderEnvelopeCodec.decode(seen.envelope);
  const request = { ...seen.request };
  return [
    { approvals },
    { request: { ...request, program: 'panic("x")' }, approvals },
    { request: { ...request, selector: '*' }, approvals },
    { request: { ...request, timeoutMs: 1001 }, approvals },
    { request: { ...request, requester: 'nobody' }, approvals },
    { request: { ...request, expiresAtMs: request.expiresAtMs + 1 }, approvals },
    { requestBytes: Buffer.concat([seen.requestBytes, Buffer.from([0x78, 1])]), approvals },
    {
      requestBytes: callRequestCodec.encode({ ...request, effect: 'read' }),
      approvals: approvals.slice(0, 1),
    },
    { approvals: [approvals[0]!, approvals[0]!] },
  ];
}

/** Approvals that somebody without an approver's key makes up. */
async function madeUpApprovals(kit: OrderKit): Promise<OrderChanges[]> {
  const { request, requestBytes } = await kit.order();
  const approvers = ['bob', 'carol'] as const;
  const nowMs = Date.now();
  const iat = Math.floor(nowMs / 1000);
  const req = digestText(sha256(requestBytes));
  const claims = { iat, exp: iat + 3600, req, decision: 'approve' };
  const stolen = KEYS['ctl-1'];
  const by = (name: string, key: SigningKey) => approvalOf({ name, key }, requestBytes, { nowMs });
  const named = approvers.map(name => by(name, stolen));
  const own = KEYS.mallory;
  const unknown = approvers.map(name => by(name, own));
  const withKid = approvers.map(name => by(name, { ...own, kid: KEYS[name].kid }));
  const none = approvers.map(iss => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const header = { alg: 'none', typ: 'farcall-approval+jwt', kid: KEYS[iss].kid };
    return `${part(header)}.${part({ iss, aud: 'farcall-host', ...claims })}.AA`;
  });
  const sets = await Promise.all([named, unknown, withKid, none].map(each => Promise.all(each)));
  return [{ request, approvers: [] }, ...sets.map(approvals => ({ request, approvals }))];
}

test('with the controller’s key and the broker nobody gets a host to run anything', async () => {
  const host = await startHost();
  const { controller, home, kit, agent } = host;
  const attempts = [...(await reusedApprovals(kit)), ...(await madeUpApprovals(kit))];
  for (const [index, changes] of attempts.entries()) {
    const made = await kit.order({ attempt: 1 + index, ...changes });
    await controller.publish(made.envelope);
    // The same, as an answer to the host's question, and once more under another token.
    controller.openOrders.push(made.envelope);
    await controller.publish((await kit.order({ attempt: 500 + index, ...changes })).envelope);
  }
  const results = await settled(host);
  expect(loadsOf(home)).toHaveLength(1);
  expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['refused']));
  // A restart makes it ask, and be told the forged orders in a reply.
  await agent.kill('SIGKILL');
  const questions = controller.questions.count;
  startAgentProcess(home);
  await eventually('it asks again', () => controller.questions.count > questions);
  await settled(host);
  expect(loadsOf(home)).toHaveLength(2);
});

test('what was approved once runs once, however often the stolen key orders it', async () => {
  const host = await startHost();
  const { controller, home, kit } = host;
  const { envelope, request, requestDigest: digest } = await kit.order();
  await controller.publish(envelope);
  await eventually('it runs', () => loadsOf(home).length === 1);
  for (const attempt of [1, 2, 3, 999])
    for (const jti of ['again-000001', 'again-000002'])
      for (const only of [undefined, OUTCOME_NAMES])
        await controller.publish(
          (await kit.order({ request, attempt, jti, ...(only && { only }) })).envelope,
        );
  await controller.publish((await kit.order({ request, slice: { from: 0, to: 2 ** 32 } })).envelope);
  const results = await settled(host);
  expect(loadsOf(home)).toHaveLength(2);
  // To each of them the host says again what it said first.
  const own = results.filter(({ requestDigest }) => Buffer.compare(requestDigest, digest) === 0);
  expect(new Set(own.map(({ attempt, outcome }) => `${attempt} ${outcome}`))).toEqual(
    new Set(['1 returned']),
  );
});

test('all approvers but one, the requester and the controller together run nothing', async () => {
  const host = await startHost();
  const { controller, home, kit } = host;
  // Two of alice, bob and carol must approve, and alice asks. Everything but carol's key is stolen.
  const attempts: OrderChanges[] = [
    { approvers: ['bob'] },
    { approvers: ['bob', 'bob2'] },
    { approvers: ['bob', 'bob', 'bob2', 'alice'] },
    { approvers: ['alice', 'bob'] },
    { approvers: ['bob', 'ctl-1'] },
    { approvers: ['bob', 'mallory'] },
  ];
  for (const changes of attempts) await controller.publish((await kit.order(changes)).envelope);
  const { request, requestBytes } = await kit.order();
  const carols = await kit.approval('carol', (await kit.order()).requestBytes);
  const bobs = await kit.approval('bob', requestBytes);
  const withdrawal = await kit.withdrawal('bob', requestBytes, carols);
  await controller.publish((await kit.order({ request, approvals: [bobs, carols] })).envelope);
  await controller.publish(
    (
      await kit.order({
        ...{ request, attempt: 2, only: ['refused'] },
        ...{ approvals: [bobs, carols], withdrawals: [withdrawal] },
      })
    ).envelope,
  );
  const results = await settled(host);
  expect(loadsOf(home)).toHaveLength(1);
  expect(results).toHaveLength(attempts.length + 2);
  expect(new Set(results.map(({ error }) => error?.code))).toEqual(new Set(['APPROVALS_INSUFFICIENT']));
});

test('a rejection that carol signed cannot be taken back by everybody else together', async () => {
  const host = await startHost();
  const { controller, home, kit } = host;
  const { request, requestBytes } = await kit.order();
  const approvals = await Promise.all([
    kit.approval('bob', requestBytes),
    kit.approval('carol', requestBytes),
    kit.approval('carol', requestBytes, 'reject'),
  ]);
  const withdrawals = await Promise.all(
    (['bob', 'alice', 'ctl-1', 'mallory'] as const).map(by =>
      kit.withdrawal(by, requestBytes, approvals[2]!),
    ),
  );
  await controller.publish((await kit.order({ request, approvals, withdrawals })).envelope);
  const results = await settled(host);
  expect(loadsOf(home)).toHaveLength(1);
  expect(results).toMatchObject([{ outcome: 'refused', error: { code: 'REQUEST_REJECTED' } }]);
});

test('an abort stops an order that waits or comes later; a forged one stops nothing', async () => {
  const host = await startHost();
  const { controller, home, kit, agent } = host;
  const later = await kit.order();
  const forged = await kit.order();
  const waiting = await kit.order();
  for (const by of ['mallory'] as const)
    await controller.publishAbort(await kit.abort(by, forged.requestBytes));
  const { abort } = abortEnvelopeCodec.decode(await kit.abort('bob', later.requestBytes));
  await controller.publishAbort(abortEnvelopeCodec.encode({ request: forged.requestBytes, abort }));
  await controller.publishAbort(Buffer.from('stray'));
  await controller.publishAbort(await kit.abort('alice', later.requestBytes));
  await eventually('the abort is taken', () => agent.log().includes('the agent will not start it'));
  await controller.publish((await kit.order({ request: { program: 'slow 1500' } })).envelope);
  await controller.publish(waiting.envelope);
  await controller.publish(later.envelope);
  await controller.publish(forged.envelope);
  await eventually('the slow call runs', () => loadsOf(home).length === 1);
  await controller.publishAbort(await kit.abort('ctl-1', waiting.requestBytes));
  const results = await settled(host);
  const codes = results.map(({ outcome, error }) => error?.code ?? outcome);
  expect(codes).toEqual(['returned', 'ABORTED', 'ABORTED', 'returned']);
  expect(loadsOf(home)).toHaveLength(3);
});

test('an abort that was missed comes with the open orders, and before them', async () => {
  const nats = await natsServerOfTest();
  const controller = await startStandInController(nats);
  const home = await agentHome(nats);
  const { envelope, requestBytes } = await home.kit.order();
  controller.openAborts = [await home.kit.abort('carol', requestBytes)];
  controller.openOrders = [envelope];
  startAgentProcess(home);
  const result = await eventually('a result', () => controller.results[0]);
  expect(result).toMatchObject({ outcome: 'aborted', error: { code: 'ABORTED' } });
  expect(loadsOf(home)).toEqual([]);
});

/** Answers questions about results in a controller's place, as somebody who controls the broker can. */
async function answerResults(
  connection: NatsConnection,
  token: (result: Uint8Array) => Promise<string>,
): Promise<{ seen: number }> {
  const count = { seen: 0 };
  const serve = async (): Promise<void> => {
    for await (const message of connection.subscribe(allHostsSubject('result'))) {
      const { result } = resultEnvelopeCodec.decode(message.data);
      const answer = {
        resultDigest: sha256(result),
        committed: true,
        reason: '',
        token: await token(result),
      };
      message.respond(resultCommittedCodec.encode(answer));
      count.seen++;
    }
  };
  void serve();
  await connection.flush();
  return count;
}

test('a hostile broker cannot make a host drop a result', async () => {
  const nats = await natsServerOfTest();
  const connection = await nats.connect(await nats.ownerLogin());
  onTestFinished(() => connection.close());
  const home = await agentHome(nats);
  const forged = await answerResults(connection, result => {
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: 'ctl-1', iat, exp: iat + 60, results: [digestText(sha256(result))] };
    return tokenOf('committed', claims, KEYS.mallory);
  });
  const agent = startAgentProcess(home);
  connection.subscribe(allHostsSubject('orders'), {
    callback: (_error, message) =>
      void admissionFor(message.data).then(admission =>
        message.respond(ordersReplyCodec.encode({ orders: [], aborts: [], labels: [], admission, held: '' })),
      ),
  });
  await eventually('the agent listens', () => agent.log().includes('the controller listed the open orders'));
  connection.publish(ORDERS_SUBJECT, (await home.kit.order()).envelope);
  await eventually('it was told a lie', () => forged.seen > 0);
  await eventually('it does not believe it', () =>
    agent.log().includes('no controller has committed a result yet'),
  );
  expect(agent.log()).not.toContain('the controller has committed a result');
  await agent.kill('SIGKILL');
  await connection.close();
  const controller = await startStandInController(nats);
  startAgentProcess(home);
  expect(await eventually('the result', () => controller.results[0])).toMatchObject({ outcome: 'returned' });
  expect(loadsOf(home)).toHaveLength(1);
});
