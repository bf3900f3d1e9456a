import type { Kysely, Transaction } from 'kysely';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { MacTableName, Schema, TableMacsTable } from '../schema/index.ts';
import {
  EMPTY_SUM,
  hasOwnMac,
  isSameMac,
  movedSum,
  rowMac,
  type StoreKey,
  tableMac,
  type Unsigned,
} from './row-macs.ts';
import { MAC_TABLES } from './table-proofs.ts';

/** A row without a valid MAC, which therefore does not count, and what it claims. */
export interface ForgedRow {
  readonly table: MacTableName | 'table_macs';
  /** Its columns, without bytes. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Hears of each row without a valid MAC that was read. */
export type ReportForgedRow = (row: ForgedRow) => void;

/** The rows that come to a table and go from it in one transaction. */
export interface TableEdit<T extends MacTableName> {
  added(...rows: readonly Schema[T][]): void;
  /** Rows that no longer stand there as they were read. Those without a valid MAC are not counted out. */
  removed(...rows: readonly Schema[T][]): void;
}

/** Makes and verifies the MACs of rows, and of whole tables. */
export interface MacTables {
  /** `row` with its MAC. */
  sign<T extends MacTableName>(table: T, row: Unsigned<Schema[T]>): Schema[T];
  /**
   * Those of `rows` whose MAC is right; the others are reported.
   *
   * Threat: somebody who can write to the database inserts or changes a row that grants a right: a session,
   * a code, an enrolment, the key of a host. What the store hands out was written by a controller.
   */
  genuine<T extends MacTableName>(table: T, rows: readonly Schema[T][]): readonly Schema[T][];
  /** `row`, if its MAC is right. */
  genuineRow<T extends MacTableName>(table: T, row: Schema[T] | undefined): Schema[T] | undefined;
  /**
   * Whether `rows`, which are all rows of `table`, are those that controllers left there.
   *
   * Threat: somebody who can write to the database removes a row, or changes one so that it does not count.
   */
  isWhole<T extends MacTableName>(db: Kysely<Schema>, table: T, rows: readonly Schema[T][]): Promise<boolean>;
  /**
   * Runs `work`, which changes rows of `table`, and then writes the new MAC of the table. Other transactions
   * change the table before or after this one: take tables in the order of {@link MAC_TABLES}.
   *
   * Threat: a row that is removed, or put back after it was removed, has a valid MAC or none. The table's own
   * MAC no longer fits then, and stays so: a MAC that was wrong is not made right here.
   */
  edit<T extends MacTableName, R>(
    trx: Transaction<Schema>,
    table: T,
    work: (edit: TableEdit<T>) => Promise<R>,
  ): Promise<R>;
}

/** MACs by `key`; `report` is called with each row that does not count. */
export function macTables(key: StoreKey, report: ReportForgedRow): MacTables {
  const isGenuine = <T extends MacTableName>(table: T, row: Schema[T]): boolean => {
    if (hasOwnMac(key, table, row)) return true;
    report({ table, claims: claimsOf(row) });
    return false;
  };
  return {
    sign: <T extends MacTableName>(table: T, row: Unsigned<Schema[T]>) =>
      ({ ...row, mac: rowMac(key, table, row as Record<string, unknown>) }) as unknown as Schema[T],
    genuine: (table, rows) => rows.filter(row => isGenuine(table, row)),
    genuineRow: (table, row) => (row && isGenuine(table, row) ? row : undefined),
    async isWhole(db, table, rows) {
      const stored = await db
        .selectFrom('table_macs')
        .selectAll()
        .where('name', '=', table)
        .executeTakeFirst();
      if (!stored || !isSameMac(stored.mac, tableMac(key, stored))) return false;
      const added = rows.filter(row => hasOwnMac(key, table, row)).map(({ mac }) => mac);
      const sum = movedSum(EMPTY_SUM, { added, removed: [] });
      return added.length === stored.row_count && isSameMac(sum, stored.sum);
    },
    async edit(trx, table, work) {
      const before = await lockTable(trx, table);
      const [added, removed]: [Uint8Array[], Uint8Array[]] = [[], []];
      const result = await work({
        added: (...rows) => void added.push(...rows.map(({ mac }) => mac)),
        removed: (...rows) => {
          const counted = rows.filter(row => hasOwnMac(key, table, row));
          removed.push(...counted.map(({ mac }) => mac));
        },
      });
      if (!before) report({ table: 'table_macs', claims: { name: table, missing: true } });
      else if (added.length + removed.length > 0)
        await writeTableMac(trx, movedTable(key, before, { added, removed }, report));
      return result;
    },
  };
}

/** An update that changes nothing keeps other transactions from the row, in either engine. */
async function lockTable(trx: Transaction<Schema>, table: MacTableName): Promise<TableMacsTable | undefined> {
  return trx
    .updateTable('table_macs')
    .set(({ ref }) => ({ name: ref('name') }))
    .where('name', '=', table)
    .returningAll()
    .executeTakeFirst();
}

function movedTable(
  key: StoreKey,
  before: TableMacsTable,
  moved: { readonly added: readonly Uint8Array[]; readonly removed: readonly Uint8Array[] },
  report: ReportForgedRow,
): TableMacsTable {
  const { name, row_count } = before;
  const after = {
    name,
    row_count: Math.max(0, row_count + moved.added.length - moved.removed.length),
    sum: movedSum(before.sum, moved),
  };
  if (isSameMac(before.mac, tableMac(key, before))) return { ...after, mac: tableMac(key, after) };
  report({ table: 'table_macs', claims: claimsOf(before) });
  return { ...after, mac: before.mac };
}

async function writeTableMac(trx: Transaction<Schema>, { name, ...rest }: TableMacsTable): Promise<void> {
  await trx.updateTable('table_macs').set(rest).where('name', '=', name).execute();
}

/** The MACs of tables that are still empty. */
export function emptyTableMacs(key: StoreKey): readonly TableMacsTable[] {
  return MAC_TABLES.map(name => {
    const row = { name, row_count: 0, sum: EMPTY_SUM };
    return { ...row, mac: tableMac(key, row) };
  });
}

/**
 * Throws CONFIG_INVALID if not one MAC of a table was made with `key`: then this is not the key with which
 * the store was begun. One that is wrong among others was tampered with, and is for the audit to find.
 */
export function checkStoreKey(key: StoreKey, tables: readonly TableMacsTable[]): void {
  if (tables.some(table => isSameMac(table.mac, tableMac(key, table)))) return;
  throw new FarcallError(
    'CONFIG_INVALID',
    'storeKeyFile: the store was begun with another store key, or for another site; all controllers on one store need the same file',
  );
}

/** Whether nothing was ever written to the store. */
export async function isNewStore(db: Kysely<Schema>): Promise<boolean> {
  const known = await db.selectFrom('table_macs').select('name').limit(1).executeTakeFirst();
  const entry = await db.selectFrom('audit').select('seq').limit(1).executeTakeFirst();
  return !known && !entry;
}

const CLAIM_LIMIT = 200;

function claimsOf(row: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([, value]) => !(value instanceof Uint8Array))
      .map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, CLAIM_LIMIT) : value]),
  );
}
