import { describe, expect, it } from 'vitest';
import { DRAFT, dispatched, introduce, partsOn, requestBy } from '../../../kit/controller-kit.ts';
import { ENGINES, newParts } from '../../../kit/engines.ts';
import { storyFindingsAt } from '../../auditor/support/audited-store.ts';

describe.each(ENGINES)('the audit log, on $name', engine => {
  const stores = engine.use();

  it('the audit log has one entry for each change of state', async () => {
    const parts = await newParts(stores);
    await introduce(parts);
    const empty = await parts.audit.head();
    // for each of three hosts: enrolment made, host enrolled, host registered
    expect(empty.seq).toBe(9);
    const { id } = await dispatched(parts);
    const after = await parts.audit.head();
    expect(after.seq).toBe(empty.seq + 7);
    expect(after.hash).not.toEqual(empty.hash);
    const entries = await parts.audit.page({ requestId: id, afterSeq: 0, limit: 100 });
    expect(entries.map(({ kind }) => kind)).toEqual([
      'request-created',
      'approval-added',
      'approval-added',
      'request-approved',
      'wave-started',
      'order-made',
      'order-published',
    ]);
  });

  it('the audit log is read by request, by kind and in pages', async () => {
    const parts = await newParts(stores);
    await introduce(parts);
    const { id } = await dispatched(parts);
    const query = { requestId: id, kind: 'approval-added' as const, limit: 1 };
    const [first] = await parts.audit.page({ ...query, afterSeq: 0 });
    expect(first).toMatchObject({ kind: 'approval-added', actor: 'bob', request_id: id });
    const [second] = await parts.audit.page({ ...query, afterSeq: first?.seq ?? 0 });
    expect(second?.actor).toBe('carol');
    expect(await parts.audit.page({ ...query, afterSeq: second?.seq ?? 0 })).toEqual([]);
    const newest = { ...query, afterSeq: 0, beforeSeq: Number.MAX_SAFE_INTEGER };
    expect(await parts.audit.page(newest)).toEqual([second]);
    expect(await parts.audit.page({ ...newest, beforeSeq: second?.seq })).toEqual([first]);
    expect(await parts.audit.page({ ...newest, beforeSeq: first?.seq })).toEqual([]);
    expect(await parts.audit.page({ ...newest, afterSeq: first?.seq ?? 0, limit: 9 })).toEqual([second]);
  });

  it('the audit log cannot be edited by mistake', async () => {
    const parts = await newParts(stores);
    await introduce(parts);
    for (const statement of [
      "update audit set actor = 'nobody' where seq = 2",
      'delete from audit where seq = 2',
    ])
      await expect(stores.sql(parts.location, statement)).rejects.toThrow('the audit log only grows');
  });

  it('the audit log begins differently in every store', async () => {
    const [one, other] = [await newParts(stores), await newParts(stores)];
    expect(await one.checkpoints.storeId()).toMatch(/^[0-9a-f]{32}$/);
    expect(await one.checkpoints.storeId()).not.toBe(await other.checkpoints.storeId());
  });

  it('the audit log has one order, even with several writers at the same time, and nothing is wrong with it', async () => {
    const parts = await newParts(stores);
    await introduce(parts);
    const store = engine.isShared ? await stores.openAgain(parts.location, parts.clock) : parts.store;
    const other = partsOn(store, parts.clock);
    const made = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        requestBy(index % 2 ? parts : { ...other, newId: parts.newId }, 'alice', DRAFT),
      ),
    );
    expect(new Set(made).size).toBe(40);
    const { seq } = await parts.audit.head();
    const entries = await other.audit.page({ afterSeq: 0, limit: 1000 });
    expect(entries.map(entry => entry.seq)).toEqual(Array.from({ length: seq }, (_, index) => index + 1));
    expect(await storyFindingsAt(parts.location)).toEqual([]);
  });

  it('the audit log keeps the newest few checkpoints only', async () => {
    const { checkpoints } = await newParts(stores);
    for (let seq = 1; seq <= 100; seq++) await checkpoints.add({ seq, token: `t${seq}` });
    expect(await checkpoints.newest()).toEqual({ seq: 100, token: 't100' });
  });
});
