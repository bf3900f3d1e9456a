import { beforeEach, describe, expect, it, test } from 'vitest';
import {
  type AfterCall,
  evaluateHealth,
  healthSource,
  taintLetters,
} from '../../../controller/health/index.ts';
import type { KernelHeartbeat, ReceivedHeartbeat } from '../../../controller/store/index.ts';
import { HEARTBEAT_INTERVAL_MS } from '../../../shared/limits/index.ts';
import type { CallResult, OrderEnvelope } from '../../../shared/messages/index.ts';
import { HOSTS, START_MS } from '../../kit/cast.ts';
import {
  type ControllerParts,
  codeOf,
  controllerParts,
  DRAFT,
  dispatched,
  introduce,
} from '../../kit/controller-kit.ts';
import { answer } from '../auditor/support/audited-store.ts';

describe('the health of a host after a call', () => {
  const call: AfterCall = {
    health: { bootId: 'boot-1', taintBefore: 1, taintAfter: 1 + 4096 + 8192 },
    startedAtMs: 1000,
    finishedAtMs: 2000,
  };
  const heartbeat: KernelHeartbeat = {
    ...{ bootId: 'boot-1', taint: 1 + 4096 + 8192, observedAtMs: 3000 },
    ...{ oops: undefined, oopsAtMs: undefined },
  };
  const bit = (number: number): number => heartbeat.taint + 2 ** number;
  const rows: [what: string, heartbeat: Partial<KernelHeartbeat> | undefined, reason: RegExp | undefined][] =
    [
      ['that has not said anything since', undefined, undefined],
      ['with the taint of our own module', {}, undefined],
      ['that lost bits of taint', { taint: 0 }, undefined],
      ['that booted', { bootId: 'boot-2' }, /booted since/],
      ['that died', { taint: bit(7) }, /tainted since the call: D$/],
      ['that warned', { taint: bit(9) }, /tainted since the call: W$/],
      ['that is tainted otherwise', { taint: bit(14) + 2 ** 4 }, /tainted since the call: ML$/],
      ['with a bit that nobody knows yet', { taint: bit(40) }, /tainted since the call: bit 40$/],
      ['that logged an oops', { oops: 'BUG: x', oopsAtMs: 1500 }, /logged since the call began: BUG: x$/],
      ['that logged one before', { oops: 'BUG: x', oopsAtMs: 999 }, undefined],
      [
        'whose heartbeat is from before its end',
        { observedAtMs: 1999, taint: bit(7), bootId: 'boot-0' },
        undefined,
      ],
    ];
  test.each(rows)(
    'the health of a host after a call is evaluated for a host %s',
    (_what, changes, reason) => {
      const verdict = evaluateHealth(call, changes && { ...heartbeat, ...changes });
      if (reason) expect(verdict).toMatch(reason);
      else expect(verdict).toBeUndefined();
    },
  );

  test("the health of a host after a call is bad without a heartbeat if the host's own result says that the kernel died", () => {
    const died = { ...call, health: { ...call.health, taintAfter: call.health.taintAfter + 128 } };
    expect(evaluateHealth(died, undefined)).toBe('the kernel is tainted by the call: D');
  });

  test('the health of a host after a call is bad if a watch of it was stopped', () => {
    const probes = 'a watch was stopped: its function was entered too often';
    expect(evaluateHealth({ ...call, health: { ...call.health, probes } }, undefined)).toBe(probes);
    expect(evaluateHealth({ ...call, health: { ...call.health, probes: undefined } }, undefined)).toBe(
      undefined,
    );
  });

  test('the health of a host after a call has its taint spelt as the kernel does', () => {
    expect(taintLetters(0)).toBe('');
    expect(taintLetters(1 + 128 + 512 + 4096 + 8192)).toBe('PDWOE');
    expect(taintLetters(2 ** 52 + 2)).toBe('F bit 52');
  });
});

const SILENT_MS = 3 * HEARTBEAT_INTERVAL_MS;

describe('the hosts of a wave', () => {
  let parts: ControllerParts;
  let id: string;
  let order: OrderEnvelope;
  let connectedSinceMs: number | undefined;
  const { one, two } = HOSTS;
  const health = { bootId: 'boot-1', taintBefore: 0, taintAfter: 12_288 };

  const orderWith = async (bakeMs: number): Promise<void> => {
    const wave = { size: 'rest', bakeMs, manual: false };
    const gate = {
      maxFailedHosts: 0,
      maxFailedPermille: 0,
      failing: [],
      health: true,
      notApplicableOk: false,
    };
    const rollout = { waves: [wave], gate, answerWithinMs: 60_000 };
    ({ id, order } = await dispatched(parts, { ...DRAFT, rollout }));
  };

  beforeEach(async () => {
    parts = controllerParts();
    connectedSinceMs = START_MS;
    await introduce(parts);
    await orderWith(SILENT_MS);
  });

  const source = () =>
    healthSource({
      ...parts,
      bus: { connectedSinceMs: () => connectedSinceMs },
    });
  const unhealthy = async (wave = 1) => Object.fromEntries(await source().unhealthyOf(id, wave));
  const said = (overrides: Partial<CallResult> = {}): Partial<CallResult> => ({
    ...{ finishedAtMs: START_MS, health },
    ...overrides,
  });
  const heartbeat = (host: string, overrides: Partial<ReceivedHeartbeat> = {}): Promise<void> => {
    const atMs = parts.clock.nowMs();
    const usual = {
      bootId: 'boot-1',
      taint: 12_288,
      oops: undefined,
      oopsAtMs: undefined,
      waitingResults: 0,
      ...{ trustVersion: 3, trustConfirmedAtMs: atMs, newerTrustVersion: undefined },
    };
    return parts.heartbeats.keep([{ host, ...usual, observedAtMs: atMs, receivedAtMs: atMs, ...overrides }]);
  };

  it('the hosts of a wave are healthy if their heartbeats say so', async () => {
    await answer(parts, one, order, said());
    await answer(parts, two, order, said());
    parts.clock.advance(20_000);
    await heartbeat('demo-1');
    expect(await unhealthy()).toEqual({});
  });

  it('the hosts of a wave are named with the reason if they are unhealthy, and only those of the wave', async () => {
    await answer(parts, one, order, said());
    await answer(parts, two, order, said());
    parts.clock.advance(20_000);
    await heartbeat('demo-1', { bootId: 'boot-2' });
    await heartbeat('demo-2', { taint: 12_288 + 128 });
    expect(await unhealthy()).toEqual({
      'demo-1': 'it has booted since the call',
      'demo-2': 'the kernel is tainted since the call: D',
    });
    expect(await unhealthy(2)).toEqual({});
  });

  it('the hosts of one source are evaluated again each time', async () => {
    await answer(parts, one, order, said());
    const health = source();
    expect((await health.unhealthyOf(id, 1)).size).toBe(0);
    parts.clock.advance(20_000);
    await heartbeat('demo-1', { oops: 'BUG: y', oopsAtMs: START_MS + 10_000 });
    expect([...(await health.unhealthyOf(id, 1)).keys()]).toEqual(['demo-1']);
    await heartbeat('demo-1', { observedAtMs: parts.clock.nowMs() + 1 });
    expect((await health.unhealthyOf(id, 1)).size).toBe(0);
  });

  it('the hosts of a wave are not evaluated if nothing was called on them', async () => {
    await answer(parts, one, order, { outcome: 'refused', finishedAtMs: START_MS, value: undefined });
    parts.clock.advance(SILENT_MS + 1);
    await heartbeat('demo-1', { bootId: 'boot-2', taint: 128 });
    expect(await unhealthy()).toEqual({});
  });

  it('the hosts of a wave count as silent after three intervals, if the wave bakes that long', async () => {
    await answer(parts, one, order, said());
    await answer(parts, two, order, said());
    parts.clock.advance(SILENT_MS);
    await heartbeat('demo-2');
    expect(await unhealthy()).toEqual({});
    parts.clock.advance(1);
    expect(await unhealthy()).toEqual({ 'demo-1': `silent since ${new Date(START_MS).toISOString()}` });
  });

  it('the hosts of a wave do not count as silent if the wave bakes for a shorter time', async () => {
    await orderWith(SILENT_MS - 1);
    await answer(parts, one, order, said());
    parts.clock.advance(SILENT_MS + 1);
    expect(await unhealthy()).toEqual({});
  });

  it('the hosts of a wave do not count as silent for a controller that could not receive their heartbeats', async () => {
    await answer(parts, one, order, said());
    parts.clock.advance(SILENT_MS + 1);
    connectedSinceMs = undefined;
    expect(await codeOf(unhealthy())).toBe('UNREACHABLE');
    connectedSinceMs = START_MS + 1;
    expect(await codeOf(unhealthy())).toBe('UNREACHABLE');
    await heartbeat('demo-1');
    expect(await unhealthy()).toEqual({});
  });
});
