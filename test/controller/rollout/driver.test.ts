import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RolloutDriver, startDriver } from '../../../controller/rollout/index.ts';
import { advanceRequest } from '../../../controller/service/index.ts';
import type { LeaseStore } from '../../../controller/store/index.ts';
import type { Rollout } from '../../../shared/messages/index.ts';
import { gateOf } from '../../../shared/rollout/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import {
  approvalBy,
  approve,
  type ControllerParts,
  commitOne,
  controllerParts,
  DRAFT,
  introduce,
  requestBy,
} from '../../kit/controller-kit.ts';
import { DEADLINES } from '../../kit/deadlines.ts';

/** A busy machine takes longer than vitest waits by itself. */
const WAIT = { timeout: DEADLINES.eventuallyMs };

const ROLLOUT: Rollout = {
  waves: [
    { size: '1', bakeMs: 5000, manual: false },
    { size: 'rest', bakeMs: 0, manual: false },
  ],
  gate: gateOf({}),
  answerWithinMs: 60_000,
};

describe('the driver of rollouts', () => {
  let parts: ControllerParts;
  let leases: LeaseStore;
  let drivers: RolloutDriver[];
  let id: string;

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
    leases = parts.store.leases;
    drivers = [];
    id = await requestBy(parts, 'alice', { ...DRAFT, rollout: ROLLOUT });
    for (const person of ['bob', 'carol'] as const)
      await approve(parts, person, { id, token: await approvalBy(parts, person, id) });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await Promise.all(drivers.map(driver => driver.stop()));
  });

  const driver = (holder: string): RolloutDriver => {
    const made = startDriver({ ...parts, leases, holder });
    drivers.push(made);
    return made;
  };
  const answer = async (wave: number): Promise<void> => {
    const { reports } = await parts.reports.page(id, { seq: 0, host: '' }, 10);
    for (const { host } of reports.filter(report => report.wave === wave)) {
      const result = Buffer.from(host);
      const said = { requestId: id, host, attempt: 1, outcome: 'returned', result } as const;
      await commitOne(parts, { ...said, digest: sha256(result), signature: 'signed' });
    }
  };
  const stateOf = async () => (await parts.rollouts.find(id)).state;

  it('the driver of rollouts wakes when the store tells of a change, and when the time comes that the engine named', async () => {
    const { drive } = driver('one');
    await advanceRequest({ ...parts, drive }, id);
    expect(await stateOf()).toBe('running');
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    await answer(1);
    await vi.waitFor(async () => expect(await stateOf()).toBe('baking'), WAIT);
    parts.clock.advance(5000);
    await vi.waitFor(async () => {
      await vi.advanceTimersByTimeAsync(5000);
      expect((await parts.rollouts.find(id)).wave).toBe(2);
    }, WAIT);
    expect(await stateOf()).toBe('running');
    await answer(2);
    await vi.waitFor(async () => expect(await stateOf()).toBe('done'), WAIT);
  });

  it('the driver of rollouts leaves a rollout to the holder of its lease, and takes over when that runs out', async () => {
    const one = driver('one');
    const two = driver('two');
    await advanceRequest({ ...parts, drive: one.drive }, id);
    const name = `rollout ${id}`;
    expect(await leases.acquire({ name, holder: 'two', ttlMs: 1 })).toBeUndefined();
    await two.drive(id);
    await two.takeOver();
    expect((await parts.rollouts.find(id)).wave).toBe(1);
    parts.clock.advance(10_000);
    await two.drive(id);
    expect(await leases.acquire({ name, holder: 'three', ttlMs: 1 })).toBeUndefined();
    await expect(one.drive(id)).resolves.toBeUndefined();
    await answer(1);
    await vi.waitFor(async () => expect(await stateOf()).toBe('baking'), WAIT);
  });

  it('the driver of rollouts gives its leases back when it stops', async () => {
    const one = driver('one');
    await advanceRequest({ ...parts, drive: one.drive }, id);
    await one.stop();
    await answer(1);
    expect(await stateOf()).toBe('running');
    const two = driver('two');
    await two.takeOver();
    await vi.waitFor(async () => expect(await stateOf()).toBe('baking'), WAIT);
  });

  it('the driver of rollouts changes nothing once its lease is lost', async () => {
    const one = driver('one');
    await advanceRequest({ ...parts, drive: one.drive }, id);
    parts.clock.advance(10_000);
    await leases.acquire({ name: `rollout ${id}`, holder: 'another', ttlMs: 60_000 });
    const { seq } = await parts.audit.head();
    await answer(1);
    await one.drive(id).catch(error => expect(error).toMatchObject({ code: 'LEASE_LOST' }));
    expect(await stateOf()).toBe('running');
    expect((await parts.audit.head()).seq).toBe(seq + 1);
  });
});
