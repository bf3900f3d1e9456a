import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../../controller/store/index.ts';
import { controllerParts, dispatched, introduce, testClock } from '../../kit/controller-kit.ts';

describe('the audit log', () => {
  it('has one entry for each change of state', async () => {
    const parts = controllerParts();
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

  it('is read by request, by kind and in pages', async () => {
    const parts = controllerParts();
    await introduce(parts);
    const { id } = await dispatched(parts);
    const query = { requestId: id, kind: 'approval-added' as const, limit: 1 };
    const [first] = await parts.audit.page({ ...query, afterSeq: 0 });
    expect(first).toMatchObject({ kind: 'approval-added', actor: 'bob', request_id: id });
    const [second] = await parts.audit.page({ ...query, afterSeq: first?.seq ?? 0 });
    expect(second?.actor).toBe('carol');
    expect(await parts.audit.page({ ...query, afterSeq: second?.seq ?? 0 })).toEqual([]);
  });

  it('cannot be edited by mistake, and begins differently in every store', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'farcall-audit-'));
    const file = join(folder, 'farcall.db');
    const store = openStore(file, testClock());
    await introduce({ ...controllerParts(), ...store });
    const database = new DatabaseSync(file);
    for (const statement of [
      "update audit set actor = 'nobody' where seq = 2",
      'delete from audit where seq = 2',
    ])
      expect(() => database.exec(statement)).toThrow('the audit log only grows');
    database.close();
    expect(await store.checkpoints.storeId()).toMatch(/^[0-9a-f]{32}$/);
    expect(await store.checkpoints.storeId()).not.toBe(await controllerParts().checkpoints.storeId());
    await store.close();
    rmSync(folder, { recursive: true });
  });

  it('keeps the newest few checkpoints only', async () => {
    const { checkpoints } = controllerParts();
    for (let seq = 1; seq <= 100; seq++) await checkpoints.add({ seq, token: `t${seq}` });
    expect(await checkpoints.newest()).toEqual({ seq: 100, token: 't100' });
  });
});
