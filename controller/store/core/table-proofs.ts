import type { MacTableName, TableName } from '../schema/index.ts';

/**
 * How an auditor knows that the rows of a table are those that controllers wrote.
 *
 * - log: an entry of the audit log has the content of each row, or its digest.
 * - log-and-mac: the same, and each row carries a MAC as well, because controllers act on such a row without
 *   reading the log.
 * - mac: each row carries a MAC, and the table has one over all of its rows (`table_macs`). These rows change
 *   too often for the log.
 * - chain: it is the log, or where its chain begins.
 * - table-mac: the row is itself a MAC.
 */
export type TableProof = 'log' | 'log-and-mac' | 'mac' | 'chain' | 'table-mac';

type MacProof<T extends TableName> = T extends MacTableName
  ? 'log-and-mac' | 'mac'
  : Exclude<TableProof, 'log-and-mac' | 'mac'>;

/**
 * The proof of each table. There is no table without one: a new table of the schema needs its line here, and
 * a check in `controller/auditor/tables`. The order is that in which a transaction takes several tables.
 */
export const TABLE_PROOFS: { readonly [T in TableName]: MacProof<T> } = {
  hosts: 'log',
  host_contacts: 'mac',
  host_heartbeats: 'mac',
  host_journals: 'log-and-mac',
  enrolments: 'log-and-mac',
  host_keys: 'log-and-mac',
  host_removals: 'log',
  host_labels: 'log',
  host_acceptances: 'log',
  locks: 'log-and-mac',
  controller_logins: 'mac',
  requests: 'log',
  expected_hosts: 'log',
  approvals: 'log',
  aborts: 'log',
  abort_statements: 'log',
  emergencies: 'log',
  reviews: 'log',
  plans: 'log',
  rollouts: 'log',
  rollout_actions: 'log',
  waves: 'log',
  wave_counts: 'log',
  attempts: 'log',
  orders: 'log',
  results: 'log',
  result_rows: 'log',
  leases: 'mac',
  trust_bundles: 'log',
  audit: 'chain',
  store_identity: 'chain',
  table_macs: 'table-mac',
  checkpoints: 'mac',
  log_cursors: 'mac',
  module_signatures: 'log',
  kernel_facts: 'log-and-mac',
  kernel_types: 'mac',
  used_tokens: 'mac',
  console_sessions: 'mac',
  console_tickets: 'mac',
};

/** The tables whose rows carry a MAC. */
export const MAC_TABLES = (Object.keys(TABLE_PROOFS) as TableName[]).filter(isMacTable);

/** Whether the rows of `table` carry a MAC. */
export function isMacTable(table: TableName): table is MacTableName {
  return TABLE_PROOFS[table] === 'mac' || TABLE_PROOFS[table] === 'log-and-mac';
}
