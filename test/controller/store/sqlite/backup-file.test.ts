import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backupSqlite, openStore } from '../../../../controller/store/index.ts';
import { systemClock } from '../../../../shared/clock/index.ts';
import { storeParts } from '../../../kit/store-kit.ts';

describe('a backup of the store on SQLite', () => {
  let folder: string;
  let file: string;
  let copy: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'farcall-backup-'));
    file = join(folder, 'farcall.db');
    copy = join(folder, 'copy.db');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('a backup of the store has what was committed before it, one moment of what is written meanwhile, and opens', async () => {
    await openStore(file, storeParts(systemClock)).close();
    const writer = new DatabaseSync(file);
    writer.exec('create table written (half text, number integer)');
    const insert = writer.prepare('insert into written values (?, ?)');
    const writePair = (number: number): void => {
      writer.exec('begin immediate');
      for (const half of ['one', 'other']) insert.run(half, number);
      writer.exec('commit');
    };
    for (let number = 0; number < 200; number += 1) writePair(number);
    let isRunning = true;
    const copying = backupSqlite(file, copy).finally(() => (isRunning = false));
    for (let number = 200; isRunning; number += 1) {
      writePair(number);
      await new Promise(setImmediate);
    }
    await copying;
    writer.close();

    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter(name => name.includes('.part'))).toEqual([]);
    const read = new DatabaseSync(copy, { readOnly: true });
    const numbers = read.prepare('select half, number from written order by number').all();
    read.close();
    expect(numbers.length).toBeGreaterThanOrEqual(400);
    expect(numbers.filter(({ half }) => half === 'one').map(({ number }) => number)).toEqual(
      numbers.filter(({ half }) => half === 'other').map(({ number }) => number),
    );
    const restored = openStore(copy, storeParts(systemClock));
    expect(await restored.hosts.all()).toEqual([]);
    await restored.close();
  });

  it('a backup of the store overwrites nothing', async () => {
    await openStore(file, storeParts(systemClock)).close();
    writeFileSync(copy, 'kept');
    await expect(backupSqlite(file, copy)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(statSync(copy).size).toBe(4);
  });

  it('a backup of a damaged store fails and leaves no file', async () => {
    writeFileSync(file, 'no database'.repeat(1000));
    await expect(backupSqlite(file, copy)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(readdirSync(folder)).toEqual(['farcall.db']);
  });
});
