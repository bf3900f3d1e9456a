import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Statement, StatementResult } from './run-statement.ts';

/** Who runs the statements of a store: this thread, or one of its own. */
export interface StatementRunner {
  /** Rejects with the error of SQLite. */
  run(statement: Statement): Promise<StatementResult>;
  close(): Promise<void>;
}

/**
 * SQLite for kysely, by way of `runner`. There is one connection; kysely gives it to one transaction, or to
 * one query outside of them, at a time.
 */
export function sqliteDialect(runner: StatementRunner): Dialect {
  return {
    createDriver: () => driverOn(runner),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: db => new SqliteIntrospector(db),
  };
}

function driverOn(runner: StatementRunner): Driver {
  const connection = connectionOn(runner);
  const run = async (sql: string): Promise<void> =>
    void (await connection.executeQuery(CompiledQuery.raw(sql)));
  return {
    init: async () => undefined,
    acquireConnection: async () => connection,
    releaseConnection: async () => undefined,
    beginTransaction: () => run('begin'),
    commitTransaction: () => run('commit'),
    rollbackTransaction: () => run('rollback'),
    destroy: () => runner.close(),
  };
}

function connectionOn(runner: StatementRunner): DatabaseConnection {
  return {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const { rows, changes, lastInsertRowid } = await runner.run({ sql, parameters });
      return {
        rows: rows as R[],
        ...(changes === undefined ? {} : { numAffectedRows: changes }),
        ...(lastInsertRowid === undefined ? {} : { insertId: lastInsertRowid }),
      };
    },
    // biome-ignore lint/correctness/useYield: it only says that there is none
    async *streamQuery(): AsyncIterableIterator<never> {
      throw new Error('the store reads nothing row by row');
    },
  };
}
