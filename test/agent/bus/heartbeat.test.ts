import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ConnectJitter, Heartbeat, untilHeartbeatMs } from '../../../agent/bus/index.ts';
import { makeHostKey, openIdentity } from '../../../agent/identity/index.ts';
import { backoffMs, spreadMs } from '../../../shared/backoff/index.ts';
import { CounterSet } from '../../../shared/counters/index.ts';
import { HEARTBEAT_INTERVAL_MS } from '../../../shared/limits/index.ts';
import {
  type HostHeartbeat,
  hostHeartbeatCodec,
  signedHeartbeatCodec,
} from '../../../shared/messages/index.ts';
import { digestText, publicKeyOf, sha256 } from '../../../shared/tokens/index.ts';
import { claimsIn, SITE } from '../../kit/cast.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const FLEET = Array.from({ length: 10_000 }, (_, index) => `host-${index}`);

/** A generator of numbers that are the same in each run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The most of `timesMs` that lie in one second. */
function mostInOneSecond(timesMs: readonly number[]): number {
  const seconds = new Map<number, number>();
  for (const ms of timesMs) seconds.set(Math.floor(ms / 1000), (seconds.get(Math.floor(ms / 1000)) ?? 0) + 1);
  return Math.max(...seconds.values());
}

describe('10,000 hosts that lose their broker at one moment', () => {
  test('10,000 hosts that lose their broker at one moment send heartbeats evenly over the interval, whenever they came back', () => {
    const times = FLEET.map(host => untilHeartbeatMs(host, NOW_MS));
    expect(Math.min(...times)).toBeGreaterThan(0);
    expect(Math.max(...times)).toBeLessThanOrEqual(HEARTBEAT_INTERVAL_MS);
    expect(mostInOneSecond(times)).toBeLessThan((FLEET.length / 20) * 1.2);
    for (const host of FLEET.slice(0, 50)) {
      const next = NOW_MS + untilHeartbeatMs(host, NOW_MS);
      expect(untilHeartbeatMs(host, next)).toBe(HEARTBEAT_INTERVAL_MS);
      expect(
        (next + 3 * HEARTBEAT_INTERVAL_MS - 1 + untilHeartbeatMs(host, next - 1)) % HEARTBEAT_INTERVAL_MS,
      ).toBe(next % HEARTBEAT_INTERVAL_MS);
    }
  });

  test('try to connect evenly over a window that grows, and never less often than it', () => {
    const random = seeded(1);
    const backoff = { firstMs: 4000, mostMs: 32_000 };
    for (const [failures, windowMs] of [
      [1, 4000],
      [2, 8000],
      [3, 16_000],
      [4, 32_000],
      [5, 32_000],
      [500, 32_000],
    ] as const) {
      const times = FLEET.map(() => spreadMs(failures, backoff, random));
      expect(Math.max(...times)).toBeLessThanOrEqual(windowMs);
      expect(mostInOneSecond(times)).toBeLessThan((FLEET.length / (windowMs / 1000)) * 1.25);
    }
  });

  test('10,000 hosts that lose their broker at one moment say hello, resend results and ask for orders evenly over the jitter after that', () => {
    vi.useFakeTimers({ now: 0 });
    const times: number[] = [];
    const random = seeded(2);
    const hosts = 1000; // the fake timers take the square of it
    for (let host = 0; host < hosts; host++)
      new ConnectJitter({ announce: () => times.push(Date.now()), random, jitterMs: 5000 }).connected();
    vi.advanceTimersByTime(5000);
    vi.useRealTimers();
    expect(times).toHaveLength(hosts);
    expect(mostInOneSecond(times)).toBeLessThan((hosts / 5) * 1.25);
  });

  test('retry results that nobody commits less and less often, and at different times', () => {
    const random = seeded(3);
    const times = FLEET.map(() => backoffMs(7, { firstMs: 1000, mostMs: 60_000 }, random));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(30_000);
    expect(mostInOneSecond(times)).toBeLessThan((FLEET.length / 30) * 1.3);
  });
});

test('two connections in a row are announced once, and none after a stop', () => {
  vi.useFakeTimers();
  const announce = vi.fn();
  const jitter = new ConnectJitter({ announce, random: () => 0.5, jitterMs: 1000 });
  jitter.connected();
  vi.advanceTimersByTime(400);
  jitter.connected();
  vi.advanceTimersByTime(499);
  expect(announce).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(announce).toHaveBeenCalledTimes(1);
  jitter.connected();
  jitter.stop();
  vi.advanceTimersByTime(1000);
  expect(announce).toHaveBeenCalledTimes(1);
  vi.useRealTimers();
});

describe('a heartbeat', () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOW_MS, toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  function pulsing(overrides: { connected?: boolean; health?: () => never } = {}) {
    const stateDirectory = temporaryDirectory();
    makeHostKey(stateDirectory);
    const identity = openIdentity({ stateDirectory, host: 'web-01', site: SITE, labels: {} });
    const sent: { topic: string; bytes: Uint8Array }[] = [];
    const bus = {
      publish: (topic: string, bytes: Uint8Array) => void sent.push({ topic, bytes }),
      isConnected: () => overrides.connected ?? true,
    };
    const counters = new CounterSet();
    const kernel = {
      bootId: 'boot-1',
      taint: 4096,
      oops: undefined as { line: string; noticedAtMs: number } | undefined,
    };
    const heartbeat = new Heartbeat({
      ...{ bus, identity, counters },
      health: overrides.health ?? (() => kernel),
      waitingResults: () => 3,
      trust: () => ({ version: 7, confirmedAtMs: NOW_MS - 5, newer: { version: 8 } }),
      journal: () => undefined,
      clock: { nowMs: () => Date.now() },
      log: pino({ level: 'silent' }),
    });
    return { heartbeat, sent, identity, counters, kernel };
  }

  async function read(
    bytes: Uint8Array,
    { key }: { key: { kid: string; publicJwk: never } },
  ): Promise<HostHeartbeat> {
    const { heartbeat, signature } = signedHeartbeatCodec.decode(bytes);
    const keyring = new Map([[key.kid, { owner: 'web-01', key: publicKeyOf(key.publicJwk) }]]);
    const { claims } = await claimsIn('result', signature, { keyring, nowMs: Date.now() });
    expect(claims).toMatchObject({ what: 'heartbeat', sha256: digestText(sha256(heartbeat)) });
    return hostHeartbeatCodec.decode(heartbeat);
  }

  test('a heartbeat carries boot, taint, time and the number of waiting results, signed as a heartbeat', async () => {
    const { heartbeat, sent, identity, kernel } = pulsing();
    await heartbeat.say();
    kernel.oops = { line: 'BUG: x', noticedAtMs: NOW_MS - 1 };
    await heartbeat.say();
    heartbeat.stop();
    expect(sent.map(({ topic }) => topic)).toEqual(['heartbeat', 'heartbeat']);
    const about = {
      ...{ host: 'web-01', bootId: 'boot-1', taint: 4096, observedAtMs: NOW_MS, waitingResults: 3 },
      ...{ trustVersion: 7, trustConfirmedAtMs: NOW_MS - 5, newerTrustVersion: 8 },
    };
    expect(await read(sent[0]!.bytes, identity as never)).toEqual(about);
    expect(await read(sent[1]!.bytes, identity as never)).toEqual({
      ...about,
      oops: 'BUG: x',
      oopsAtMs: NOW_MS - 1,
    });
  });

  test('a heartbeat is sent once in each interval, and never after a stop', async () => {
    const { heartbeat, counters } = pulsing();
    for (let interval = 1; interval <= 3; interval++) {
      await vi.advanceTimersByTimeAsync(HEARTBEAT_INTERVAL_MS);
      expect(counters.all()['heartbeat.sent']).toBe(interval);
    }
    heartbeat.stop();
    vi.advanceTimersByTime(3 * HEARTBEAT_INTERVAL_MS);
    expect(counters.all()['heartbeat.sent']).toBe(3);
  });

  test('a heartbeat is not signed while there is no connection', async () => {
    const { heartbeat, sent } = pulsing({ connected: false });
    await heartbeat.say();
    heartbeat.stop();
    expect(sent).toEqual([]);
  });

  test('a heartbeat of a kernel that cannot be looked at is not sent, and that is counted', async () => {
    const health = () => {
      throw new Error('EACCES');
    };
    const { heartbeat, sent, counters } = pulsing({ health });
    await heartbeat.say();
    heartbeat.stop();
    expect(sent).toEqual([]);
    expect(counters.all()).toEqual({ 'heartbeat.failed': 1 });
  });
});
