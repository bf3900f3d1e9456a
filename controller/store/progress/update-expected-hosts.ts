import type { Change } from '../core/index.ts';
import type { ExpectedHostsTable } from '../schema/index.ts';

/** Eleven values each: well below the 32,766 that SQLite takes in one statement. */
const ROWS_PER_STATEMENT = 1000;

/**
 * Writes rows of `expected_hosts` that are there already, whole, and many in one statement: one by one each
 * would cost a round trip to the database.
 */
export async function updateExpectedHosts(
  { trx }: Pick<Change, 'trx'>,
  rows: readonly ExpectedHostsTable[],
): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = (Object.keys(first) as (keyof ExpectedHostsTable)[]).filter(
    column => column !== 'request_id' && column !== 'host',
  );
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT)
    await trx
      .insertInto('expected_hosts')
      .values(rows.slice(from, from + ROWS_PER_STATEMENT))
      .onConflict(conflict =>
        conflict
          .columns(['request_id', 'host'])
          .doUpdateSet(({ ref }) =>
            Object.fromEntries(columns.map(column => [column, ref(`excluded.${column}`)])),
          ),
      )
      .execute();
}
