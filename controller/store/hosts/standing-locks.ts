import type { MacTables } from '../core/index.ts';
import type { LocksTable } from '../schema/index.ts';
import type { MacReader } from './host-keys.ts';

/** What the rows of `locks` say: which locks stand, and which have ended. */
export interface JudgedLocks {
  readonly standing: readonly LocksTable[];
  readonly ended: readonly LocksTable[];
}

/**
 * Sorts rows of `locks` by whether they stand.
 *
 * Threat: somebody who can write to the database sets a lock in the name of others, or ends the lock of a
 * thief. A row counts only by its MAC. A row whose MAC is right once its end is left out was ended by no
 * controller: the lock stands.
 */
export function judgeLocks(macs: MacTables, rows: readonly LocksTable[]): JudgedLocks {
  const standing: LocksTable[] = [];
  const ended: LocksTable[] = [];
  for (const row of rows) {
    const genuine = macs.genuineRow('locks', row);
    if (genuine && genuine.ended_at_ms !== null) ended.push(genuine);
    const lock = genuine ?? macs.genuineRow('locks', withoutEnd(row));
    if (lock && lock.ended_at_ms === null) standing.push(lock);
  }
  return { standing, ended };
}

function withoutEnd(row: LocksTable): LocksTable {
  return { ...row, ended_by: null, ended_at_ms: null, end_token: null };
}

/** Why each of `hosts` is locked; those that are not locked are missing. All hosts without `hosts`. */
export async function hostLockReasons(
  { trx, macs }: MacReader,
  hosts?: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const all = trx.selectFrom('locks').selectAll().where('kind', '=', 'host');
  const rows = await (hosts ? all.where('name', 'in', hosts) : all).execute();
  return new Map(judgeLocks(macs, rows).standing.map(({ name, reason }) => [name, reason]));
}
