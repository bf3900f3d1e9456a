import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import { type StandInHost, standInHost } from '../../kit/fleet/stand-in-host.ts';

const HELLO = ['_printk("hi\\n")', '--hosts', 'env=demo', '--reason', 'say hi', '--no-plan'];

describe('a broker that dies', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  let host: StandInHost;

  beforeAll(async () => {
    fleet = await startFleet({ hosts: { 'demo-1': { env: 'demo' } } });
    ({ controller } = fleet);
    host = fleet.host('demo-1');
  });

  afterAll(() => fleet?.stop());

  const reconnections = (): number => controller.log.filter(line => line.msg === 'broker reconnected').length;
  const reconnected = async (before: number): Promise<void> => {
    await controller.logged(() => reconnections() > before);
  };

  it('a broker that dies does not stop approvals; the order goes out when it is back', async () => {
    const before = reconnections();
    await fleet.nats.kill();
    await controller.logged(line => line.msg === 'broker disconnected');
    const id = await controller.approved(...HELLO);
    expect((await controller.farcallJson('alice', 'report', id)).request.status.state).toBe('dispatched');
    await fleet.nats.start();
    await reconnected(before);
    await controller.logged(line => line.msg === 'order published' && line['request'] === id);
    // A host that connects only now has missed it, and asks.
    const late = await standInHost({ ...host, nats: fleet.nats });
    const [order] = await late.queryOrders();
    if (!order) throw new Error('no order');
    expect(await late.answer(order)).toMatchObject({ committed: true });
    expect(await late.queryOrders()).toEqual([]);
    await late.close();
    expect((await controller.farcall('alice', 'report', id)).code).toBe(0);
  });

  it('a broker that dies loses no order that a host has not answered, and no result', async () => {
    const id = await controller.approved(...HELLO);
    await controller.logged(line => line.msg === 'order published' && line['request'] === id);
    const before = reconnections();
    await fleet.nats.kill();
    await fleet.nats.start();
    await reconnected(before);
    const late = await standInHost({ ...host, nats: fleet.nats });
    const [order] = await late.queryOrders();
    if (!order) throw new Error('no order');
    expect(await late.answer(order)).toMatchObject({ committed: true });
    await late.close();
    const published = controller.log.filter(line => line.msg === 'order published' && line['request'] === id);
    expect(published).toHaveLength(1);
  });
});
