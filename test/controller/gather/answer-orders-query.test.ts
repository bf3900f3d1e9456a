import { beforeEach, describe, expect, it } from 'vitest';
import { answerOrdersQuery } from '../../../controller/gather/index.ts';
import { MESSAGE_LIMIT_BYTES, orderEnvelopeCodec, ordersReplyCodec } from '../../../shared/messages/index.ts';
import { keyOf } from '../../kit/cast.ts';
import {
  type ControllerParts,
  codeOf,
  controllerParts,
  DRAFT,
  dispatched,
  introduce,
} from '../../kit/controller-kit.ts';
import { ordersQueryOf } from '../../kit/host-statements.ts';

describe('a host that asks for its orders', () => {
  let parts: ControllerParts;

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
  });

  const ask = async (host: string, about = host) => {
    const bytes = await ordersQueryOf({ name: host, key: keyOf(host) }, parts.clock.nowMs(), { about });
    return ordersReplyCodec.decode(await answerOrdersQuery(parts, { host, bytes })).orders;
  };

  it('a host that asks for its orders gets its open orders as they were published', async () => {
    const { envelope } = await dispatched(parts);
    const orders = await ask('demo-1');
    expect(orders.map(order => Buffer.from(orderEnvelopeCodec.encode(order)))).toEqual([
      Buffer.from(envelope),
    ]);
    expect(await ask('prod-1')).toEqual([]);
    expect(await codeOf(ask('nobody'))).toBe('TOKEN_KEY_UNKNOWN');
  });

  it('a host that asks for its orders is remembered as seen', async () => {
    parts.clock.advance(5000);
    await ask('demo-1');
    expect((await parts.hosts.all())[0]?.lastSeenMs).toBe(parts.clock.nowMs());
  });

  it('a host that asks for its orders does not get the orders of another host', async () => {
    expect(await codeOf(ask('demo-1', 'demo-2'))).toBe('MESSAGE_INVALID');
  });

  it('a host that asks for its orders gets the oldest of many orders, as many as fit into one message', async () => {
    const program = 'x'.repeat(60_000);
    for (let count = 0; count < 20; count += 1) await dispatched(parts, { ...DRAFT, program });
    const orders = await ask('demo-1');
    expect(orders.length).toBeGreaterThan(10);
    expect(orders.length).toBeLessThan(20);
    expect(ordersReplyCodec.encode({ orders, aborts: [], labels: [], held: '' }).length).toBeLessThanOrEqual(
      MESSAGE_LIMIT_BYTES,
    );
  });
});
