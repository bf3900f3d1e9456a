import { beforeEach, expect, test } from 'vitest';
import { addressOfPeer, type CallerLimits, callerLimits } from '../../../controller/api/caller-limits.ts';
import { errorReply } from '../../../controller/console/http/index.ts';
import { CounterSet } from '../../../shared/counters/index.ts';
import type { FarcallError } from '../../../shared/errors/index.ts';

let nowMs: number;
let counters: CounterSet;
let limits: CallerLimits;

beforeEach(() => {
  nowMs = 1000;
  counters = new CounterSet();
  limits = callerLimits({ nowMs: () => nowMs }, counters);
});

/** The error of a call; undefined where it is admitted. */
function refusal(call: () => unknown): FarcallError | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return error as FarcallError;
  }
}

const admitted = (count: number, call: () => unknown): number =>
  Array.from({ length: count }, () => refusal(call)).filter(error => error === undefined).length;

test('one person may call so often, and no other person notices', () => {
  expect(admitted(1000, () => limits.admitPerson('alice'))).toBe(300);
  expect(admitted(10, () => limits.admitPerson('bob'))).toBe(10);
  expect(counters.all()).toEqual({ 'limited.person': 700 });
  nowMs += 1000;
  expect(admitted(1000, () => limits.admitPerson('alice'))).toBe(30);
});

test('one person may have so many streams open, and may open another when one has ended', () => {
  const ends = Array.from({ length: 128 }, () => limits.openStream('alice'));
  expect(refusal(() => limits.openStream('alice'))).toMatchObject({ code: 'RATE_LIMITED' });
  limits.openStream('bob');
  ends[0]?.();
  expect(refusal(() => limits.openStream('alice'))).toBeUndefined();
});

test('an address is refused once too many of its calls had no valid token, and calls with one cost it nothing', () => {
  for (let call = 0; call < 1000; call++) limits.admitAddress('ipv4:192.0.2.1');
  for (let call = 0; call < 60; call++) limits.countUnauthenticated('ipv4:192.0.2.1');
  expect(refusal(() => limits.admitAddress('ipv4:192.0.2.1'))).toMatchObject({ code: 'RATE_LIMITED' });
  expect(refusal(() => limits.admitAddress('ipv4:192.0.2.2'))).toBeUndefined();
  nowMs += 1000;
  expect(refusal(() => limits.admitAddress('ipv4:192.0.2.1'))).toBeUndefined();
});

test('a limited call of the console is answered with 429 and the seconds to wait', () => {
  const error = refusal(
    () => admitted(1000, () => limits.admitPerson('alice')) && limits.admitPerson('alice'),
  );
  expect(errorReply(error!)).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
});

test.each([
  ['192.0.2.1:4711', '192.0.2.1'],
  ['[2001:db8::1]:4711', '[2001:db8::1]'],
  ['unix:/run/farcall.sock', 'unix:/run/farcall.sock'],
])('the calls of peer %s count for the address %s', (peer, address) => {
  expect(addressOfPeer(peer)).toBe(address);
});
