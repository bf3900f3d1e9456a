import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, openStoreThread, type Store, storeKey } from '../../../../controller/store/index.ts';
import { startStoreThread, type ThreadInput } from '../../../../controller/store/sqlite/store-thread.ts';
import { workerUrl } from '../../../../shared/assets/index.ts';
import { systemClock } from '../../../../shared/clock/index.ts';
import type { FarcallError } from '../../../../shared/errors/index.ts';
import { codeOf } from '../../../kit/controller-kit.ts';
import { STORE_KEY, storeParts } from '../../../kit/store-kit.ts';

/** Longer than any test. */
const WITHOUT_END_MS = 3_600_000;

function statement(sql: string) {
  return { sql, parameters: [] };
}

describe('the thread of a store on SQLite', () => {
  let folder: string;
  let file: string;
  let losses: FarcallError[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'farcall-store-'));
    file = join(folder, 'farcall.db');
    losses = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const lost = (error: FarcallError): void => void losses.push(error);
  const open = (): Promise<Store> => openStoreThread(file, storeParts(systemClock), lost);
  const note = (store: Store): Promise<void> =>
    store.audit.note({
      ...{ kind: 'checkpoint-conflict', actor: 'controller' },
      detail: { holder: 'x', seq: 1, problem: 'x', checkpoint: '0'.repeat(64) },
    });

  /** Keeps every other connection from writing until the function that it returns is called. */
  function occupy(): () => void {
    const other = new DatabaseSync(file);
    other.exec('begin immediate');
    return () => {
      other.exec('rollback');
      other.close();
    };
  }

  function entries(): unknown {
    const other = new DatabaseSync(file, { readOnly: true });
    try {
      return other.prepare('select count(*) as entries from audit').get()?.['entries'];
    } finally {
      other.close();
    }
  }

  it('the thread of a store on SQLite waits for its file while the event loop goes on, and answers a commit once it is made', async () => {
    const thread = await startStoreThread({ path: file, key: STORE_KEY }, lost);
    await thread.run(statement(`pragma busy_timeout = ${WITHOUT_END_MS}`));
    const release = occupy();
    let isOver = false;
    const begun = thread.run(statement('begin immediate')).then(() => {
      isOver = true;
    });
    // In the thread of the event loop, the wait would have no end.
    for (let turn = 0; turn < 100; turn++) await setImmediate();
    expect(isOver).toBe(false);
    release();
    await begun;
    const insert = "insert into audit values (1, 1, 'kind', 'actor', null, null, '{}', x'00')";
    await thread.run(statement(insert));
    expect(entries()).toBe(0);
    await thread.run(statement('commit'));
    expect(entries()).toBe(1);
    await thread.close();
    expect(losses).toEqual([]);
  });

  it('the thread of a store on SQLite ends once it has done what it was given', async () => {
    const thread = await startStoreThread({ path: file, key: STORE_KEY }, lost);
    await thread.run(statement(`pragma busy_timeout = ${WITHOUT_END_MS}`));
    const release = occupy();
    const last = thread.run(statement("update table_macs set mac = x'00'"));
    const closed = thread.close();
    await setImmediate();
    release();
    expect((await last).changes).toBeGreaterThan(0n);
    await closed;
    expect(losses).toEqual([]);
  });

  it('a store on SQLite that is closed commits what was begun before, and can be closed twice', async () => {
    const store = await open();
    const noted = note(store);
    const closed = [store.close(), store.close()];
    await Promise.all([noted, ...closed]);
    expect(entries()).toBe(1);
  });

  it('the thread of a store on SQLite ends also where nothing was asked of it', async () => {
    const store = await open();
    await store.close();
    expect(losses).toEqual([]);
  });

  it('the thread of a store on SQLite throws the errors of opening as they are', async () => {
    await openStore(file, storeParts(systemClock)).close();
    const key = storeKey(new Uint8Array(32).fill(1), 'another site');
    expect(await codeOf(openStoreThread(file, { ...storeParts(systemClock), key }, lost))).toBe(
      'CONFIG_INVALID',
    );
    await expect(
      openStoreThread(join(folder, 'none', 'x.db'), storeParts(systemClock), lost),
    ).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining(join('none', 'x.db')) });
    expect(losses).toEqual([]);
  });

  it('the thread of a store on SQLite says with which result code SQLite refuses a statement', async () => {
    const thread = await startStoreThread({ path: file, key: STORE_KEY }, lost);
    await expect(thread.run(statement('insert into leases (name) values (null)'))).rejects.toMatchObject({
      code: 'ERR_SQLITE_ERROR',
      errcode: expect.any(Number),
    });
    expect((await thread.run(statement('select 7 as seven'))).rows).toEqual([{ seven: 7 }]);
    await thread.close();
  });

  it('the thread of a store on SQLite is told the bytes of a view, and none around them', async () => {
    const thread = await startStoreThread({ path: file, key: STORE_KEY }, lost);
    const view = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    const { rows } = await thread.run({ sql: 'select ? as bytes', parameters: [view] });
    expect(rows).toEqual([{ bytes: new Uint8Array([2, 3]) }]);
    await thread.close();
  });

  it('the thread of a store on SQLite that ends by itself is reported once, and nothing is acknowledged any more', async () => {
    const started: Worker[] = [];
    const start = (workerData: ThreadInput): Worker => {
      const url = new URL('../../../../controller/store/sqlite/store-thread.ts', import.meta.url);
      const worker = new Worker(workerUrl('store-worker', url.href), { workerData });
      started.push(worker);
      return worker;
    };
    const thread = await startStoreThread({ path: file, key: STORE_KEY }, lost, start);
    await thread.run(statement('begin immediate'));
    await started[0]!.terminate();
    expect(await codeOf(thread.run(statement('commit')))).toBe('INTERNAL');
    expect(losses).toMatchObject([{ code: 'INTERNAL', message: 'the thread of the store has ended' }]);
    await thread.close();
    occupy()();
  });
});
