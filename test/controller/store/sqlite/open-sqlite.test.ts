import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../../controller/store/index.ts';
import { MIGRATIONS } from '../../../../controller/store/schema/index.ts';
import { systemClock } from '../../../../shared/clock/index.ts';

describe('the store on SQLite', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'farcall-store-'));
    file = join(folder, 'farcall.db');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is for its owner only, with its companions', async () => {
    const store = openStore(file, systemClock);
    await store.hosts.all();
    for (const name of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(name).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it('closes what was open to others', async () => {
    writeFileSync(file, '', { mode: 0o644 });
    await openStore(file, systemClock).close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is opened again at the same schema', async () => {
    await openStore(file, systemClock).close();
    const store = openStore(file, systemClock);
    expect(await store.hosts.all()).toEqual([]);
    await store.close();
  });

  it('takes over what a store of the first schema holds', async () => {
    const old = new DatabaseSync(file);
    old.exec(`begin; ${MIGRATIONS[0]}; pragma user_version = 1; commit`);
    old.exec("insert into hosts values ('web-1', 'k', '{}', x'00', 's', 1, 1, 1)");
    old.exec("insert into requests values ('req1', x'01', x'02', 'approved', 1, 2, 3, 1, 0)");
    old.exec("insert into expected_hosts values ('req1', 'web-1', '6.1', 'x86_64', null, 1)");
    old.exec("insert into approvals values ('req1', 'bob', 'a.b.c', 7)");
    old.close();
    const store = openStore(file, { nowMs: () => 1 });
    expect(await store.requests.find('req1')).toMatchObject({ state: 'approved', expectedHosts: 1 });
    expect(await store.approvals.of('req1')).toEqual([
      {
        approver: 'bob',
        decision: 'approve',
        reason: '',
        token: 'a.b.c',
        submittedAtMs: 7,
        withdrawal: undefined,
      },
    ]);
    const abort = { by: 'bob', reason: 'x', envelope: new Uint8Array(1), submittedBy: 'bob' };
    await store.aborts.add({ requestId: 'req1', ...abort, trustVersion: 1 });
    expect(await store.requests.outcomes('req1')).toEqual([{ outcome: 'expired', hosts: 1 }]);
    await store.close();
    const database = new DatabaseSync(file, { enableForeignKeyConstraints: true });
    expect(() => database.exec("delete from requests where id = 'req1'")).toThrow(/FOREIGN KEY/);
    database.close();
  });

  it('refuses a store of a newer farcall', async () => {
    await openStore(file, systemClock).close();
    const database = new DatabaseSync(file);
    database.exec('pragma user_version = 99');
    database.close();
    expect(() => openStore(file, systemClock)).toThrow(
      expect.objectContaining({ code: 'STORE_FAILED', message: expect.stringContaining('newer farcall') }),
    );
  });

  it('says which file cannot be written', () => {
    expect(() => openStore(join(folder, 'none', 'farcall.db'), systemClock)).toThrow(
      expect.objectContaining({
        code: 'STORE_FAILED',
        message: expect.stringContaining(join('none', 'farcall.db')),
      }),
    );
  });
});
