import { describe, expect, it } from 'vitest';
import { rolloutLease } from '../../../../controller/store/index.ts';
import { dispatched, introduce } from '../../../kit/controller-kit.ts';
import { ENGINES, newParts } from '../../../kit/engines.ts';
import { findingsAt, storyFindingsAt } from '../../auditor/support/audited-store.ts';

const LONG_MS = 3_600_000;
const lease = { name: 'checkpoints', ttlMs: LONG_MS };

describe.each(ENGINES)('a lease, on $name', engine => {
  const stores = engine.use();

  it('a lease has one holder until it is given back', async () => {
    const { leases } = await newParts(stores);
    expect(await leases.acquire({ ...lease, holder: 'one' })).toEqual({ epoch: 1 });
    expect(await leases.acquire({ ...lease, holder: 'two' })).toBeUndefined();
    await leases.release({ name: lease.name, epoch: 1 });
    expect(await leases.acquire({ ...lease, holder: 'two' })).toEqual({ epoch: 2 });
  });

  it('a lease runs out, and its former holder cannot renew it or give it back any more', async () => {
    const { leases } = await newParts(stores);
    expect(await leases.acquire({ ...lease, ttlMs: 0, holder: 'one' })).toEqual({ epoch: 1 });
    expect(await leases.acquire({ ...lease, holder: 'two' })).toEqual({ epoch: 2 });
    expect(await leases.renew({ ...lease, epoch: 1 })).toBe(false);
    await leases.release({ name: lease.name, epoch: 1 });
    expect(await leases.acquire({ ...lease, holder: 'three' })).toBeUndefined();
  });

  it('a lease is held again after it ran out, if nobody took it meanwhile', async () => {
    const { leases } = await newParts(stores);
    await leases.acquire({ ...lease, ttlMs: 0, holder: 'one' });
    expect(await leases.renew({ ...lease, epoch: 1 })).toBe(true);
    expect(await leases.acquire({ ...lease, holder: 'two' })).toBeUndefined();
  });

  it('a lease goes to one of many who want it at the same moment', async () => {
    const parts = await newParts(stores);
    const wishes = Array.from({ length: 20 }, (_, index) =>
      parts.leases.acquire({ ...lease, holder: `holder ${index}` }),
    );
    const taken = (await Promise.all(wishes)).filter(held => held !== undefined);
    expect(taken).toEqual([{ epoch: 1 }]);
  });

  it('a lease is noted in the audit log with its holder, if it is for a rollout', async () => {
    const parts = await newParts(stores);
    await introduce(parts);
    const { id } = await dispatched(parts);
    for (const holder of ['one', 'two'])
      await parts.leases.acquire({ name: rolloutLease(id), holder, ttlMs: 0 });
    const query = { requestId: id, kind: 'lease-taken', afterSeq: 0, limit: 10 } as const;
    const details = (await parts.audit.page(query)).map(({ detail }) => JSON.parse(detail));
    expect(details).toEqual([
      { lease: `rollout ${id}`, holder: 'one', epoch: 1 },
      { lease: `rollout ${id}`, holder: 'two', epoch: 2 },
    ]);
    expect(await storyFindingsAt(parts.location)).toEqual([]);
    await stores.sql(parts.location, 'update leases set epoch = 1');
    expect(await findingsAt(parts.location)).toContainEqual(
      `content leases rollout ${id}: its epoch is 1, and the log records 2`,
    );
  });

  it.runIf(engine.isShared)(
    'a lease goes by the clock of the database, whatever the clocks of controllers say',
    async () => {
      const parts = await newParts(stores);
      const clock = { nowMs: () => parts.clock.nowMs() + 2 * LONG_MS };
      const ahead = await stores.openAgain(parts.location, clock);
      await parts.leases.acquire({ ...lease, holder: 'one' });
      expect(await ahead.leases.acquire({ ...lease, holder: 'two' })).toBeUndefined();
    },
  );
});
