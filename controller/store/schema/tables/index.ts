export {
  type ControllerLoginsTable,
  type EnrolmentsTable,
  HOSTS_SQL,
  type HostAcceptancesTable,
  type HostContactsTable,
  type HostHeartbeatsTable,
  type HostJournalsTable,
  type HostKeysTable,
  type HostLabelsTable,
  type HostRemovalsTable,
  type HostsTable,
  type LocksTable,
} from './hosts.ts';
export {
  type AbortStatementsTable,
  type AbortsTable,
  type ApprovalsTable,
  type EmergenciesTable,
  type ExpectedHostsTable,
  type PlansTable,
  REQUESTS_SQL,
  type RequestsTable,
  type ReviewsTable,
} from './requests.ts';
export {
  type AttemptsTable,
  type LeasesTable,
  type OrdersTable,
  type ResultRowsTable,
  type ResultsTable,
  ROLLOUTS_SQL,
  type RolloutActionsTable,
  type RolloutsTable,
  type WaveCountsTable,
  type WavesTable,
} from './rollouts.ts';
export {
  type ConsoleSessionsTable,
  type ConsoleTicketsTable,
  SESSIONS_SQL,
  type SignInMethod,
  type UsedTokensTable,
} from './sessions.ts';
export {
  type KernelFactsTable,
  type KernelTypesTable,
  type ModuleSignaturesTable,
  SIGNING_AND_KERNELS_SQL,
} from './signing-and-kernels.ts';
export {
  type AuditTable,
  type CheckpointsTable,
  type LogCursorsTable,
  type StoreIdentityTable,
  type TableMacsTable,
  TRUST_AND_AUDIT_SQL,
  type TrustBundlesTable,
} from './trust-and-audit.ts';
