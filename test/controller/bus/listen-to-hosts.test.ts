import { beforeEach, describe, expect, it } from 'vitest';
import { HostBudgets, listenToHosts } from '../../../controller/bus/index.ts';
import { createLogger } from '../../../controller/log/index.ts';
import { CounterSet } from '../../../shared/counters/index.ts';
import { type TestBus, testBus } from '../../kit/controller-kit.ts';

describe('listening to hosts', () => {
  let bus: TestBus;
  const log = createLogger('silent');
  const pattern = 'farcall.host.*.orders';
  const message = (replyTo?: string, subject = 'farcall.host.demo-1.orders') => ({
    subject,
    bytes: Buffer.from('question'),
    replyTo,
  });

  beforeEach(() => {
    bus = testBus();
  });

  const listen = (reply: () => Promise<Uint8Array | undefined>) => {
    const counters = new CounterSet();
    const hostBudgets = new HostBudgets({ clock: { nowMs: () => 0 }, counters, log });
    listenToHosts({ bus, log, counters, hostBudgets }, 'orders', reply);
    return counters;
  };

  it("listening to hosts answers into the host's own inbox", async () => {
    const counters = listen(async () => Buffer.from('answer'));
    await bus.deliver(pattern, message('farcall.inbox.demo-1.abc'));
    expect(bus.published).toEqual([{ subject: 'farcall.inbox.demo-1.abc', bytes: Buffer.from('answer') }]);
    expect(counters.all()).toEqual({ 'orders.ok': 1 });
  });

  const foreign = [
    'farcall.orders',
    'farcall.inbox.demo-2.abc',
    'farcall.inbox.demo-1',
    '_INBOX.abc',
    'farcall.inbox.demo-12.a',
  ];
  it.each(foreign)('listening to hosts does not write to %s for a host', async replyTo => {
    const counters = listen(async () => Buffer.from('answer'));
    await bus.deliver(pattern, message(replyTo));
    expect(bus.published).toEqual([]);
    expect(counters.all()).toEqual({ 'orders.MESSAGE_INVALID': 1 });
  });

  it('listening to hosts counts what a handler throws, whatever it is, and goes on', async () => {
    const counters = listen(async () => {
      throw new RangeError('boom');
    });
    await bus.deliver(pattern, message());
    await bus.deliver(pattern, message());
    expect(counters.all()).toEqual({ 'orders.INTERNAL': 2 });
  });

  it('listening to hosts counts a message on a subject that is none of a host', async () => {
    const counters = listen(async () => undefined);
    await bus.deliver(pattern, message(undefined, 'stray'));
    expect(counters.all()).toEqual({ 'orders.MESSAGE_INVALID': 1 });
  });

  it('listening to hosts counts an answer that the broker does not take', async () => {
    const counters = listen(async () => Buffer.from('answer'));
    bus.isAway = true;
    await bus.deliver(pattern, message('farcall.inbox.demo-1.abc'));
    expect(counters.all()).toEqual({ 'orders.UNREACHABLE': 1 });
  });
});
