import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

/** A statement, and the values of its parameters. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** What a statement gave: rows where it gives rows, and how many it changed otherwise. */
export interface StatementResult {
  readonly rows: readonly unknown[];
  readonly changes?: bigint;
  readonly lastInsertRowid?: bigint;
}

/** Our own queries are fewer than this; those whose text varies with their parameters must not pile up. */
const STATEMENTS_LIMIT = 256;

interface Kept {
  readonly statement: StatementSync;
  readonly isReader: boolean;
}

/**
 * Runs statements on `database`, one at a time. They are kept: compiling one takes longer than running it.
 */
export function statementRunner(database: DatabaseSync): (statement: Statement) => StatementResult {
  const kept = new Map<string, Kept>();
  const prepared = (sql: string): Kept => {
    const known = kept.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    const made = { statement, isReader: statement.columns().length > 0 };
    if (kept.size >= STATEMENTS_LIMIT) kept.clear();
    kept.set(sql, made);
    return made;
  };
  return ({ sql, parameters }) => {
    // Where the disk is full, SQLite has rolled the transaction back by itself
    // (sqlite.org/lang_transaction.html, section 3). A second rollback is an error, which would take the
    // place of the one that says why.
    if (sql === 'rollback' && !database.isTransaction) return { rows: [] };
    const { statement, isReader } = prepared(sql);
    const values = parameters as SQLInputValue[];
    if (isReader) return { rows: statement.all(...values) };
    const { changes, lastInsertRowid } = statement.run(...values);
    return { rows: [], changes: BigInt(changes), lastInsertRowid: BigInt(lastInsertRowid) };
  };
}
