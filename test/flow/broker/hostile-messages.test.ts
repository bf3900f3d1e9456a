import type { NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOST_BUDGETS } from '../../../shared/limits/index.ts';
import { resultEnvelopeCodec } from '../../../shared/messages/index.ts';
import { HOST_TOPICS, hostSubject, ORDERS_SUBJECT } from '../../../shared/subjects/index.ts';
import type { SigningKey } from '../../../shared/tokens/index.ts';
import { keyOf } from '../../kit/cast.ts';
import { eventually } from '../../kit/eventually.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import { type StandInHost, standInHost } from '../../kit/fleet/stand-in-host.ts';
import { ordersQueryOf } from '../../kit/host-statements.ts';

const HELLO = ['_printk("hi\\n")', '--hosts', 'env=demo', '--reason', 'say hi'];

describe('what is hostile or broken on the broker', () => {
  let fleet: Fleet;
  /** Somebody who owns the broker: nothing restrains them. */
  let owner: NatsConnection;
  let controller: ControllerFixture;
  let good: StandInHost;
  let evil: StandInHost;

  beforeAll(async () => {
    fleet = await startFleet({ hosts: { good: { env: 'demo' }, evil: { env: 'evil' } } });
    ({ controller } = fleet);
    [good, evil] = [fleet.host('good'), fleet.host('evil')];
    owner = await fleet.nats.connect(await fleet.nats.ownerLogin());
  });

  afterAll(async () => {
    await owner?.close();
    await fleet?.stop();
  });

  const refusals = (topic: string, code: string): number =>
    controller.log.filter(line => line['topic'] === topic && line['code'] === code).length;

  it('stray bytes on every subject are counted and change nothing', async () => {
    const stray = [
      new Uint8Array(),
      Buffer.from('stray'),
      Buffer.alloc(100_000, 0xff),
      Buffer.from([0x0a, 0xff, 0xff]),
    ];
    for (const bytes of stray) {
      owner.publish(ORDERS_SUBJECT, bytes);
      for (const topic of HOST_TOPICS) owner.publish(hostSubject('good', topic), bytes);
    }
    await owner.flush();
    // Replies that nobody awaits are dropped before anybody looks into them.
    const readTopics = HOST_TOPICS.filter(topic => topic !== 'plan' && topic !== 'types');
    expect(readTopics.length).toBe(HOST_TOPICS.length - 2);
    for (const topic of readTopics) {
      // What is over the budget of a topic is dropped before anybody looks into it.
      const within = stray.filter(bytes => bytes.length <= HOST_BUDGETS[topic].messageBytes).length;
      const refused = () => refusals(topic, 'MESSAGE_INVALID') + refusals(topic, 'MESSAGE_LIMIT');
      await eventually(`refusals of ${topic}`, () => refused() >= within);
      expect(refused(), topic).toBe(within);
    }
    expect(await controller.farcallJson('alice', 'hosts')).toHaveLength(2);
  });

  /** Somebody who owns the broker and speaks as `good`, with another key. */
  async function impostorOfGood(key: SigningKey): Promise<StandInHost> {
    const login = await fleet.nats.ownerLogin();
    const { site } = controller;
    return standInHost({ name: 'good', nats: fleet.nats, key, site, login, labels: { env: 'evil' } });
  }

  it('a second key for a known host is refused', async () => {
    const impostor = await impostorOfGood(keyOf('impostor'));
    await impostor.hello();
    await controller.logged(line => line['topic'] === 'hello' && line['code'] === 'TOKEN_KEY_UNKNOWN');
    const [, host] = await controller.farcallJson('alice', 'hosts');
    expect(host).toMatchObject({ host: 'good', kid: good.key.kid, labels: { env: 'demo' } });
    await impostor.close();
  });

  it('the controller does not answer into somebody else’s inbox', async () => {
    const heard: string[] = [];
    const subscription = good.connection.subscribe('farcall.inbox.good.>', {
      callback: (_error, message) => void heard.push(message.subject),
    });
    await good.connection.flush();
    const query = await ordersQueryOf(
      { name: 'evil', key: evil.key, site: fleet.controller.site },
      Date.now(),
    );
    for (const reply of ['farcall.inbox.good.victim', ORDERS_SUBJECT])
      evil.connection.publish(hostSubject('evil', 'orders'), query, { reply });
    await evil.connection.flush();
    const ofEvil = () =>
      controller.log.filter(line => line['topic'] === 'orders' && line['host'] === 'evil' && line['code']);
    await eventually('both queries of evil are refused', () => ofEvil().length >= 2);
    await good.queryOrders();
    expect(heard.filter(subject => subject.endsWith('victim'))).toEqual([]);
    subscription.unsubscribe();
  });

  it('forged results are refused with the reason, and the true one still counts', async () => {
    const id = await controller.approved(...HELLO);
    const order = await good.nextOrder(id);
    const asGood = await impostorOfGood(evil.key);
    // the right subject and name, the wrong key
    expect(await asGood.answer(order)).toMatchObject({
      committed: false,
      reason: expect.stringMatching(/^TOKEN_KEY_UNKNOWN/),
    });
    await asGood.close();
    // the true result, on another host's subject
    expect(await evil.send(await good.seal(order))).toMatchObject({
      committed: false,
      reason: expect.stringMatching(/^TOKEN_KEY_UNKNOWN: evil has another key/),
    });
    // a host with a good key that nobody asked
    expect(await evil.answer(order)).toMatchObject({
      committed: false,
      reason: expect.stringMatching(/^NOT_SELECTED/),
    });
    // the right signature over other bytes
    const [sealed, other] = [await good.seal(order), await good.seal(order, { outcome: 'faulted' })].map(
      bytes => resultEnvelopeCodec.decode(bytes),
    );
    if (!sealed || !other) throw new Error('not sealed');
    const mixed = resultEnvelopeCodec.encode({ result: other.result, signature: sealed.signature });
    expect(await good.send(mixed)).toMatchObject({
      committed: false,
      reason: expect.stringMatching(/^TOKEN_CLAIMS/),
    });

    expect((await controller.farcallJson('alice', 'report', id)).request.status.outcomes).toEqual([]);
    expect(await good.answer(order)).toMatchObject({ committed: true });
    expect((await controller.farcall('alice', 'report', id)).code).toBe(0);
  });

  it('a result that comes twice is one result, another one is refused', async () => {
    const id = await controller.approved(...HELLO);
    const order = await good.nextOrder(id);
    const envelope = await good.seal(order);
    expect(await good.send(envelope)).toMatchObject({ committed: true });
    expect(await good.send(envelope)).toMatchObject({ committed: true });
    expect(await good.answer(order, { outcome: 'faulted', value: undefined })).toMatchObject({
      committed: false,
      reason: expect.stringMatching(/^CONFLICT/),
    });
    const { request, hosts } = await controller.farcallJson('alice', 'report', id);
    expect(request.status.outcomes).toEqual([{ outcome: 'returned', hosts: 1 }]);
    expect(hosts).toMatchObject([{ host: 'good', outcome: 'returned', lateResult: null }]);
  });
});
