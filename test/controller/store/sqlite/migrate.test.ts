import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrateSqlite } from '../../../../controller/store/sqlite/migrate.ts';

describe('migrating a store on SQLite', () => {
  const FIRST = {
    both: `create table parents (id text primary key) strict;
      create table children (parent text not null references parents (id)) strict;`,
    sqlite: "insert into parents values ('one');",
    postgres: 'this is for PostgreSQL alone',
  };
  const SECOND = { both: 'alter table parents add column age integer;' };
  let database: DatabaseSync;

  beforeEach(() => {
    database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true });
  });
  afterEach(() => database.close());

  const rows = (): unknown[] => database.prepare('select * from parents').all();
  const schema = (): unknown => database.prepare('pragma user_version').get()?.['user_version'];

  it('migrating a store on SQLite applies each migration once and keeps the rows', () => {
    migrateSqlite(database, 'x', [FIRST]);
    database.exec("insert into children values ('one')");
    migrateSqlite(database, 'x', [FIRST, SECOND]);
    migrateSqlite(database, 'x', [FIRST, SECOND]);
    expect(rows()).toEqual([{ id: 'one', age: null }]);
    expect(schema()).toBe(2);
  });

  it('migrating a store on SQLite leaves the checks of foreign keys on', () => {
    migrateSqlite(database, 'x', [FIRST]);
    expect(() => database.exec("insert into children values ('nobody')")).toThrow(/FOREIGN KEY/);
  });

  it('migrating a store on SQLite leaves the store as it was if a newer farcall wrote it', () => {
    migrateSqlite(database, 'x', [FIRST, SECOND]);
    expect(() => migrateSqlite(database, 'x', [FIRST])).toThrow(
      expect.objectContaining({
        code: 'STORE_FAILED',
        message: expect.stringMatching(
          /^the store x was written by a newer farcall \(schema 2, .* up to 1\)/,
        ),
      }),
    );
    expect(schema()).toBe(2);
  });

  it('migrating a store on SQLite refuses a migration after which a row refers to nothing', () => {
    migrateSqlite(database, 'x', [FIRST]);
    database.exec("insert into children values ('one')");
    expect(() => migrateSqlite(database, 'x', [FIRST, { both: 'delete from parents;' }])).toThrow(
      expect.objectContaining({ message: expect.stringContaining('1 rows that refer to nothing') }),
    );
  });
});
