import type {
  AbortStatementsTable,
  AbortsTable,
  ApprovalsTable,
  AttemptsTable,
  AuditTable,
  CheckpointsTable,
  ConsoleSessionsTable,
  ConsoleTicketsTable,
  ControllerLoginsTable,
  EmergenciesTable,
  EnrolmentsTable,
  ExpectedHostsTable,
  HostAcceptancesTable,
  HostContactsTable,
  HostHeartbeatsTable,
  HostJournalsTable,
  HostKeysTable,
  HostLabelsTable,
  HostRemovalsTable,
  HostsTable,
  KernelFactsTable,
  KernelTypesTable,
  LeasesTable,
  LocksTable,
  LogCursorsTable,
  ModuleSignaturesTable,
  OrdersTable,
  PlansTable,
  RequestsTable,
  ResultRowsTable,
  ResultsTable,
  ReviewsTable,
  RolloutActionsTable,
  RolloutsTable,
  StoreIdentityTable,
  TableMacsTable,
  TrustBundlesTable,
  UsedTokensTable,
  WaveCountsTable,
  WavesTable,
} from './tables/index.ts';

/**
 * The tables as kysely sees them. Times are milliseconds since the epoch. The types used (text, integers up
 * to 2^53, bytes) are those that SQLite and PostgreSQL have in common; each table has its type beside its
 * SQL, in `tables/`.
 */
export interface Schema {
  hosts: HostsTable;
  enrolments: EnrolmentsTable;
  host_keys: HostKeysTable;
  host_removals: HostRemovalsTable;
  host_labels: HostLabelsTable;
  requests: RequestsTable;
  expected_hosts: ExpectedHostsTable;
  approvals: ApprovalsTable;
  aborts: AbortsTable;
  abort_statements: AbortStatementsTable;
  emergencies: EmergenciesTable;
  reviews: ReviewsTable;
  orders: OrdersTable;
  results: ResultsTable;
  result_rows: ResultRowsTable;
  audit: AuditTable;
  store_identity: StoreIdentityTable;
  checkpoints: CheckpointsTable;
  trust_bundles: TrustBundlesTable;
  leases: LeasesTable;
  used_tokens: UsedTokensTable;
  rollouts: RolloutsTable;
  rollout_actions: RolloutActionsTable;
  waves: WavesTable;
  attempts: AttemptsTable;
  wave_counts: WaveCountsTable;
  plans: PlansTable;
  host_contacts: HostContactsTable;
  host_heartbeats: HostHeartbeatsTable;
  locks: LocksTable;
  controller_logins: ControllerLoginsTable;
  host_journals: HostJournalsTable;
  host_acceptances: HostAcceptancesTable;
  module_signatures: ModuleSignaturesTable;
  kernel_facts: KernelFactsTable;
  console_sessions: ConsoleSessionsTable;
  console_tickets: ConsoleTicketsTable;
  kernel_types: KernelTypesTable;
  log_cursors: LogCursorsTable;
  table_macs: TableMacsTable;
}

/** Name of a table. */
export type TableName = keyof Schema;

/** Name of a table whose rows carry a MAC, in their column `mac`; see `row-macs.ts`. */
export type MacTableName = Exclude<
  { [T in TableName]: Schema[T] extends { mac: Uint8Array } ? T : never }[TableName],
  'table_macs'
>;
