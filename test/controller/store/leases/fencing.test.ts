import { describe, expect, it } from 'vitest';
import {
  createChangeFeed,
  type Database,
  databaseOn,
  macTables,
  storeCondition,
} from '../../../../controller/store/core/index.ts';
import { leaseStoreOn, requireLease } from '../../../../controller/store/leases/index.ts';
import { openSqlite, sqliteEngine } from '../../../../controller/store/sqlite/index.ts';
import { codeOf, testClock } from '../../../kit/controller-kit.ts';
import { STORE_KEY } from '../../../kit/store-kit.ts';

describe('a change that takes a lease', () => {
  const open = (): Database => {
    const clock = testClock();
    return databaseOn(sqliteEngine(openSqlite(':memory:', STORE_KEY), ':memory:', clock), {
      ...{ feed: createChangeFeed(), clock },
      macs: macTables(STORE_KEY, () => undefined),
      condition: storeCondition(clock),
    });
  };
  const fenced = (database: Database, epoch: number): Promise<void> =>
    database.change(async change => {
      await requireLease(change, { name: 'work', epoch });
      await change.audit({
        ...{ kind: 'checkpoint-conflict', actor: 'controller' },
        detail: { holder: 'x', seq: 1, problem: 'x', checkpoint: '0'.repeat(64) },
      });
    });
  const entries = (database: Database) => database.read(db => db.selectFrom('audit').select('seq').execute());

  it('a change that takes a lease is made by the holder of the lease, even once it ran out and nobody took it', async () => {
    const database = open();
    const leases = leaseStoreOn(database);
    await leases.acquire({ name: 'work', holder: 'one', ttlMs: 0 });
    await fenced(database, 1);
    expect(await entries(database)).toHaveLength(1);
  });

  it('a change that takes a lease leaves nothing behind if the lease was lost, given back or never there', async () => {
    const database = open();
    const leases = leaseStoreOn(database);
    expect(await codeOf(fenced(database, 1))).toBe('LEASE_LOST');
    await leases.acquire({ name: 'work', holder: 'one', ttlMs: 0 });
    await leases.acquire({ name: 'work', holder: 'two', ttlMs: 0 });
    expect(await codeOf(fenced(database, 1))).toBe('LEASE_LOST');
    await leases.release({ name: 'work', epoch: 2 });
    expect(await codeOf(fenced(database, 2))).toBe('LEASE_LOST');
    expect(await entries(database)).toEqual([]);
  });
});
