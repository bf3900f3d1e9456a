import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TABLES } from '../../../controller/store/index.ts';
import { type AuditedStore, findingsIn, makeAuditedStore, rechain } from './support/audited-store.ts';
import { makeRolloutStore, type RolloutStoreFile } from './support/rollout-store.ts';

/** What is done to one cell: picked by numbers, so that it fits whatever table and type it meets. */
const mutation = fc.record({
  table: fc.constantFrom(...TABLES),
  row: fc.nat(1000),
  column: fc.nat(1000),
  place: fc.nat(100_000),
  way: fc.constantFrom('flip', 'grow', 'shrink', 'other-row', 'empty'),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

describe('a store in which one thing was changed at random', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-audit-'));
  let store: AuditedStore;
  let rollouts: RolloutStoreFile;

  beforeAll(async () => {
    store = await makeAuditedStore(folder);
    rollouts = await makeRolloutStore(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A copy of its own for each try: a try that was given up must not meet the next one. */
  let copies = 0;
  const copyOf = (file: string): string => {
    rmSync(join(folder, `copy-${copies}.db`), { force: true });
    copies += 1;
    const copy = join(folder, `copy-${copies}.db`);
    copyFileSync(file, copy);
    return copy;
  };

  it('a store in which one thing was changed at random is found out, whichever cell it was', async () => {
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(mutation, async picked => {
        const copy = copyOf(store.file);
        const cell = mutate(copy, picked);
        if (cell === undefined) return;
        tried += 1;
        expect(await findingsIn(copy, [store.checkpointFile]), cell).not.toEqual([]);
      }),
      { numRuns: 250 },
    );
    expect(tried).toBeGreaterThan(100);
  });

  it('a store in which one thing was changed at random is found out in whichever cell about rollouts it was', async () => {
    const about = fc.record({
      mutation,
      table: fc.constantFrom('rollouts', 'waves', 'attempts', 'wave_counts', 'expected_hosts', 'orders'),
    });
    await fc.assert(
      fc.asyncProperty(about, async ({ mutation: picked, table }) => {
        const copy = copyOf(rollouts.file);
        const cell = mutate(copy, { ...picked, table: table as Mutation['table'] });
        if (cell === undefined) return;
        expect(await findingsIn(copy, [rollouts.checkpointFile]), cell).not.toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  it('a store in which one thing was changed at random is found out if an entry says something else and the chain was made to fit, whatever it says', async () => {
    const words = fc.oneof(fc.json(), fc.string(), fc.constant('{"outcome":"returned"}'));
    await fc.assert(
      fc.asyncProperty(fc.nat(1000), words, async (place, detail) => {
        const copy = copyOf(store.file);
        const { database, rowids } = openLoose(copy, 'audit');
        const seq = rowids[place % rowids.length] ?? 1;
        const before = database.prepare('select detail from audit where seq = ?').get(seq)?.['detail'];
        database.prepare('update audit set detail = ? where seq = ?').run(detail, seq);
        rechain(database);
        database.close();
        // Some kinds have nothing to say: {} over {} is no change.
        if (detail !== before) expect(await findingsIn(copy)).not.toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('a store in which one thing was changed at random is found out, whichever row is missing', async () => {
    for (const table of TABLES) {
      for (let row = 0; row < 8; row++) {
        const copy = copyOf(store.file);
        const { database, rowids } = openLoose(copy, table);
        const rowid = rowids[row * 7] ?? rowids[row];
        if (rowid !== undefined) database.prepare(`delete from ${table} where rowid = ?`).run(rowid);
        database.close();
        if (rowid !== undefined) expect(await findingsIn(copy), `${table} ${rowid}`).not.toEqual([]);
      }
    }
  });
});

/** Opens `file` with everything out of the way that would refuse a change. */
function openLoose(file: string, table: string) {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  database.exec('pragma ignore_check_constraints = on');
  const sql = database.prepare("select name, sql from sqlite_schema where type = 'trigger'").all();
  for (const { name } of sql) database.exec(`drop trigger ${name}`);
  const rowids = database.prepare(`select rowid from ${table} order by rowid`).all();
  const close = (): void => {
    for (const trigger of sql) database.exec(String(trigger['sql']));
    database.close();
  };
  return {
    database: { prepare: (text: string) => database.prepare(text), close },
    rowids: rowids.map(row => Number(Object.values(row)[0])),
  };
}

/**
 * Changes one cell; its name, or undefined where that left everything as it was, or SQLite itself refused.
 */
function mutate(file: string, { table, row, column, place, way }: Mutation): string | undefined {
  const { database, rowids } = openLoose(file, table);
  try {
    const rowid = rowids[row % rowids.length];
    const other = rowids[(row + 1) % rowids.length];
    if (rowid === undefined || other === undefined) return undefined;
    const read = database.prepare(`select * from ${table} where rowid = ?`);
    const cells = read.get(rowid) ?? {};
    const name = Object.keys(cells)[column % Object.keys(cells).length] ?? '';
    const before = cells[name] as SQLInputValue;
    const after =
      way === 'other-row' ? (read.get(other)?.[name] as SQLInputValue) : changed(before, place, way);
    database.prepare(`update ${table} set ${name} = ? where rowid = ?`).run(after, rowid);
    const same = Buffer.from(String(before)).equals(Buffer.from(String(after)));
    return same ? undefined : `${table}.${name}`;
  } catch {
    // A key that is there already, or a type that a strict table does not take.
    return undefined;
  } finally {
    database.close();
  }
}

function changed(value: SQLInputValue, place: number, way: Mutation['way']): SQLInputValue {
  if (value === null) return way === 'flip' ? place : 'returned';
  if (typeof value === 'number' || typeof value === 'bigint') return changedNumber(Number(value), place, way);
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value as Uint8Array);
  const result = changedBytes(bytes, place, way);
  return typeof value === 'string' ? result.toString('latin1') : new Uint8Array(result);
}

function changedNumber(value: number, place: number, way: Mutation['way']): SQLInputValue {
  if (way === 'grow') return value + 1 + place;
  if (way === 'shrink') return value - 1 - place;
  return way === 'empty' ? null : BigInt(value) + 2n ** 60n;
}

function changedBytes(bytes: Buffer, place: number, way: Mutation['way']): Buffer {
  if (way === 'empty') return Buffer.alloc(0);
  if (way === 'grow') return Buffer.concat([bytes, Buffer.from([65 + (place % 26)])]);
  if (way === 'shrink') return bytes.subarray(0, -1);
  const copy = Buffer.from(bytes);
  const at = place % Math.max(1, copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << (place % 6));
  return copy;
}
