import type { DatabaseSync } from 'node:sqlite';
import { auditDigest } from '../../../../controller/store/index.ts';
import { findingsIn, rechain, tampered } from './audited-store.ts';

type Detail = Record<string, unknown>;

/** What the audit finds about `tables` after a change of a copy of the store, whose log is chained again. */
export async function findingsAfter(
  file: string,
  tables: readonly string[],
  change: (database: DatabaseSync) => void,
): Promise<string[]> {
  const findings = await findingsIn(
    tampered(file, database => {
      change(database);
      rechain(database);
    }),
  );
  return findings.filter(finding => tables.some(table => finding.includes(` ${table} `)));
}

/** Changes what all entries of one kind say. */
export function editDetail(database: DatabaseSync, kind: string, edit: (detail: Detail) => Detail): void {
  for (const { seq, detail } of database.prepare('select seq, detail from audit where kind = ?').all(kind)) {
    const after = JSON.stringify(edit(JSON.parse(String(detail))));
    database.prepare('update audit set detail = ? where seq = ?').run(after, seq ?? 0);
  }
}

/** Puts `token` in the place of another, in its row and in the entries of these kinds. */
export function exchangeToken(
  database: DatabaseSync,
  token: string,
  {
    table,
    where,
    kinds,
  }: { readonly table: string; readonly where: string; readonly kinds: readonly string[] },
): void {
  const row = database.prepare(`select token from ${table} where ${where}`).get();
  const [before, after] = [auditDigest(String(row?.['token'])), auditDigest(token)];
  database.prepare(`update ${table} set token = ? where ${where}`).run(token);
  for (const kind of kinds)
    editDetail(database, kind, detail => JSON.parse(JSON.stringify(detail).replaceAll(before, after)));
}
