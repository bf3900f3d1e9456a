import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../../controller/store/index.ts';
import { systemClock } from '../../../../shared/clock/index.ts';
import { storeParts } from '../../../kit/store-kit.ts';

describe('the store on SQLite', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'farcall-store-'));
    file = join(folder, 'farcall.db');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('the store on SQLite can be read by its owner only, with its companion files', async () => {
    const store = openStore(file, storeParts(systemClock));
    await store.hosts.all();
    for (const name of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(name).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it('the store on SQLite closes files that were open to others', async () => {
    writeFileSync(file, '', { mode: 0o644 });
    await openStore(file, storeParts(systemClock)).close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('the store on SQLite can be opened again at the same schema', async () => {
    await openStore(file, storeParts(systemClock)).close();
    const store = openStore(file, storeParts(systemClock));
    expect(await store.hosts.all()).toEqual([]);
    await store.close();
  });

  it('the store on SQLite refuses a store that a newer farcall wrote', async () => {
    await openStore(file, storeParts(systemClock)).close();
    const database = new DatabaseSync(file);
    database.exec('pragma user_version = 99');
    database.close();
    expect(() => openStore(file, storeParts(systemClock))).toThrow(
      expect.objectContaining({
        code: 'STORE_FAILED',
        message: expect.stringContaining('newer farcall (schema 99'),
      }),
    );
  });

  it('the store on SQLite says which file cannot be written', () => {
    expect(() => openStore(join(folder, 'none', 'farcall.db'), storeParts(systemClock))).toThrow(
      expect.objectContaining({
        code: 'STORE_FAILED',
        message: expect.stringContaining(join('none', 'farcall.db')),
      }),
    );
  });
});
