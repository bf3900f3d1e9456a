import {
  EMPTY_SUM,
  hasOwnMac,
  isSameMac,
  type MacTableName,
  movedSum,
  type Schema,
  type TableMacsTable,
  tableMac,
} from '../../store/index.ts';
import { findingReporter, type ReportFinding, type VerifyContext } from '../replay/index.ts';

/** Compares the rows of one table with their MACs, and all of them with the MAC of the table. */
export interface MacComparison {
  row(row: Schema[MacTableName], report: ReportFinding): void;
  /** After the last row. */
  end(): void;
}

/**
 * A comparison for `table`. Without the store key, only the sum of the MACs that stand in the rows is
 * compared, which says nothing about their content.
 *
 * Threat: somebody who can write to the database adds, changes or removes rows that the log does not tell of:
 * sessions, codes, used tokens, heartbeats. An added or changed row has no valid MAC. A removed one, or one
 * that was put back, is missing from the sum of its table, or is too much in it.
 */
export function macComparison(context: VerifyContext, table: MacTableName): MacComparison {
  const { storeKey } = context;
  let rows = 0;
  let sum = EMPTY_SUM;
  return {
    row(row, report) {
      rows += 1;
      sum = movedSum(sum, { added: [row.mac], removed: [] });
      if (storeKey && !hasOwnMac(storeKey, table, row))
        report('mac', 'its MAC is wrong: no controller wrote this row');
    },
    end() {
      const report = findingReporter(context, table, '');
      const stored = context.tableMacs.get(table);
      if (!stored)
        return findingReporter(context, 'table_macs', table)('missing', 'the MAC of this table is not there');
      checkTableMac(context, stored);
      if (stored.row_count !== rows)
        report('mac', `it has ${rows} rows, and controllers left ${stored.row_count}: rows came or went`);
      else if (!isSameMac(stored.sum, sum))
        report('mac', 'its rows are not those that controllers left: rows were exchanged');
    },
  };
}

function checkTableMac(context: VerifyContext, stored: TableMacsTable): void {
  const { storeKey } = context;
  if (storeKey && !isSameMac(stored.mac, tableMac(storeKey, stored)))
    findingReporter(context, 'table_macs', stored.name)('mac', 'its MAC is wrong: no controller wrote it');
}
