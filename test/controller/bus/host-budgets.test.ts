import { beforeEach, describe, expect, test } from 'vitest';
import { HostBudgets, listenToHosts } from '../../../controller/bus/index.ts';
import { receiveResult } from '../../../controller/gather/index.ts';
import { createLogger, type Logger } from '../../../controller/log/index.ts';
import { CounterSet } from '../../../shared/counters/index.ts';
import { HOST_BUDGETS, HOST_PAYLOAD_BYTES } from '../../../shared/limits/index.ts';
import { MESSAGE_LIMIT_BYTES, RESULT_LIMITS, resultEnvelopeCodec } from '../../../shared/messages/index.ts';
import { HOST_TOPICS, hostSubject } from '../../../shared/subjects/index.ts';
import { HOSTS } from '../../kit/cast.ts';
import { type ControllerParts, controllerParts, introduce } from '../../kit/controller-kit.ts';

describe('what a host may send', () => {
  let nowMs: number;
  let counters: CounterSet;
  let budgets: HostBudgets;
  let warned: object[];
  let flooding: string[];

  beforeEach(() => {
    nowMs = 1_000_000;
    counters = new CounterSet();
    warned = [];
    const log = { warn: (about: object) => void warned.push(about) } as unknown as Logger;
    flooding = [];
    budgets = new HostBudgets({
      ...{ clock: { nowMs: () => nowMs }, counters, log },
      flooded: host => void flooding.push(host),
    });
  });

  const admitted = (host: string, count: number, sizeBytes: number): number =>
    Array.from({ length: count }, () => budgets.admits(host, 'result', sizeBytes)).filter(Boolean).length;

  test('a host may send a burst of messages, and more as time goes on, and no other host notices', () => {
    const { burst, perSecond } = HOST_BUDGETS.result.messages;
    expect(admitted('web-1', 1000, 100)).toBe(burst);
    expect(admitted('web-2', 10, 100)).toBe(10);
    nowMs += 1000;
    expect(admitted('web-1', 1000, 100)).toBe(perSecond);
  });

  test('a host that sends large messages uses its budget of bytes up before that of messages', () => {
    const { messageBytes: size, bytes } = HOST_BUDGETS.result;
    expect(admitted('web-1', 100, size)).toBe(Math.floor(bytes.burst / size));
    nowMs += 10_000;
    const refilled = Math.min(bytes.burst, (bytes.burst % size) + bytes.perSecond * 10);
    expect(admitted('web-1', 100, size)).toBe(Math.floor(refilled / size));
  });

  test('each kind of message has a budget of its own', () => {
    admitted('web-1', 1000, 100);
    for (const topic of HOST_TOPICS.filter(each => each !== 'result'))
      expect(budgets.admits('web-1', topic, 100), topic).toBe(true);
  });

  test('a message that is larger than any of its kind is dropped', () => {
    for (const topic of HOST_TOPICS)
      expect(budgets.admits('web-1', topic, HOST_BUDGETS[topic].messageBytes + 1), topic).toBe(false);
  });

  test('a host that is over its budget is logged once, counted for each message, and shown for ten minutes', () => {
    admitted('web-1', 1000, 100);
    const dropped = 1000 - HOST_BUDGETS.result.messages.burst;
    expect(warned).toEqual([{ host: 'web-1', topic: 'result', sizeBytes: 100 }]);
    expect(counters.all()).toEqual({ 'dropped.result': dropped });
    expect(budgets.overBudget('web-1')).toEqual({ sinceMs: nowMs, lastMs: nowMs, dropped });
    expect(budgets.overBudget('web-2')).toBeUndefined();
    expect(budgets.countOver()).toBe(1);
    nowMs += 600_000;
    expect(budgets.overBudget('web-1')).toBeUndefined();
    expect(budgets.countOver()).toBe(0);
    admitted('web-1', 1000, 100);
    expect(warned).toHaveLength(2);
  });

  test('a host floods if 2,000 of its messages are dropped within ten seconds, and not if they take longer', () => {
    admitted('web-1', HOST_BUDGETS.result.messages.burst, 1);
    for (let count = 0; count < 1999; count++) budgets.drop('web-1', 'result', 1);
    nowMs += 10_000;
    for (let count = 0; count < 1999; count++) budgets.drop('web-1', 'result', 1);
    for (let count = 0; count < 1999; count++) budgets.drop('web-2', 'hello', 1);
    expect(flooding).toEqual([]);
    budgets.drop('web-1', 'result', 1);
    expect(flooding).toEqual(['web-1']);
    for (let count = 0; count < 1999; count++) budgets.drop('web-1', 'result', 1);
    expect(flooding).toEqual(['web-1']);
    budgets.drop('web-1', 'result', 1);
    expect(flooding).toEqual(['web-1', 'web-1']);
  });

  test('a host floods if 4 MiB of its messages are dropped within ten seconds', () => {
    const mib = 1 << 20;
    for (let count = 0; count < 3; count++) budgets.drop('web-1', 'types', mib);
    budgets.drop('web-1', 'result', mib - 1);
    expect(flooding).toEqual([]);
    budgets.drop('web-1', 'result', 1);
    expect(flooding).toEqual(['web-1']);
  });

  test('the largest messages that an agent makes fit into the budgets, and those into the broker', () => {
    const token = 'x'.repeat(8192);
    const envelope = { result: new Uint8Array(RESULT_LIMITS.bytes), signature: token };
    expect(resultEnvelopeCodec.encode(envelope).length).toBeLessThanOrEqual(HOST_BUDGETS.result.messageBytes);
    expect(HOST_PAYLOAD_BYTES).toBeLessThan(MESSAGE_LIMIT_BYTES);
  });
});

describe('one hostile host', () => {
  let parts: ControllerParts;
  let lookedUp: string[];

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
    lookedUp = [];
    const find: ControllerParts['hostKeys']['find'] = host => {
      lookedUp.push(host);
      return parts.hostKeys.find(host);
    };
    const listening = { ...parts, hostKeys: { ...parts.hostKeys, find }, log: createLogger('silent') };
    listenToHosts(listening, 'result', message => receiveResult(listening, message));
  });

  const deliver = (host: string, bytes: Uint8Array): Promise<void> =>
    parts.bus.deliver('farcall.host.*.result', {
      subject: hostSubject(host, 'result'),
      bytes,
      replyTo: undefined,
    });

  test('no signature of a host is verified once the host is over its budget, and those of others are', async () => {
    const forged = resultEnvelopeCodec.encode({ result: new Uint8Array(10), signature: 'a.b.c' });
    const { burst } = HOST_BUDGETS.result.messages;
    for (let count = 0; count < burst + 50; count++) await deliver(HOSTS.one.name, forged);
    expect(lookedUp).toHaveLength(burst);
    await deliver(HOSTS.two.name, forged);
    expect(lookedUp.at(-1)).toBe(HOSTS.two.name);
    expect(parts.counters.all()['dropped.result']).toBe(50);
  });

  test('replies to queries count against a budget as well, whether they are awaited or not', async () => {
    const { burst } = HOST_BUDGETS.plan.messages;
    for (let count = 0; count < burst + 7; count++)
      await parts.bus.deliver('farcall.host.*.plan', {
        subject: hostSubject(HOSTS.one.name, 'plan'),
        bytes: new Uint8Array(10),
        replyTo: undefined,
      });
    expect(parts.counters.all()).toMatchObject({ 'plan.unawaited': burst, 'dropped.plan': 7 });
  });
});
