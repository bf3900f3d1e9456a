import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../../controller/store/index.ts';
import { codeOf, controllerParts, dispatched, introduce, testClock } from '../../kit/controller-kit.ts';

describe('the audit log', () => {
  it('has one entry for each change of state, chained', async () => {
    const parts = controllerParts();
    await introduce(parts);
    const empty = await parts.store.verifyAudit();
    // for each of three hosts: enrolment made, host enrolled, host registered
    expect(empty.entries).toBe(9);
    await dispatched(parts);
    // created, two approvals, approved, order made, order published
    const after = await parts.store.verifyAudit();
    expect(after.entries).toBe(empty.entries + 6);
    expect(after.hash).not.toBe(empty.hash);
  });

  const tampering = [
    ['an entry is edited', "update audit set actor = 'nobody' where seq = 2"],
    ['an entry is removed', 'delete from audit where seq = 2'],
    ['the first entry is removed', 'delete from audit where seq = 1'],
  ] as const;
  it.each(tampering)('is found broken where %s', async (_name, statement) => {
    const folder = mkdtempSync(join(tmpdir(), 'farcall-audit-'));
    const file = join(folder, 'farcall.db');
    const store = openStore(file, testClock());
    await introduce({ ...controllerParts(), ...store });
    expect((await store.verifyAudit()).entries).toBe(9);
    const database = new DatabaseSync(file);
    expect(() => database.exec(statement)).toThrow('the audit log only grows');
    database.exec(`drop trigger audit_no_update; drop trigger audit_no_delete; ${statement}`);
    database.close();
    expect(await codeOf(store.verifyAudit())).toBe('STORE_FAILED');
    await store.close();
    rmSync(folder, { recursive: true });
  });
});
