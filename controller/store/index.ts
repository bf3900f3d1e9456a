export type {
  AbortRecord,
  AbortSpread,
  AbortStore,
  NamedHosts,
  NewAbort,
  NewAbortStatement,
} from './aborts/index.ts';
export {
  type ApprovalDecision,
  type ApprovalRecord,
  type ApprovalStore,
  DECIDED_IN,
  decisionsRevision,
  type NewApproval,
  type NewWithdrawal,
  standingApprovers,
  WITHDRAWN_IN,
} from './approvals/index.ts';
export type { CheckpointStore, StoredCheckpoint } from './checkpoints/index.ts';
export type { ConsoleSession, ConsoleStore, ConsoleTicket } from './console/index.ts';
export type { Change, ChangeFeed, ChangeListener, ForgedRow, ReportForgedRow } from './core/index.ts';
export {
  AUDIT_KINDS,
  type AuditDetail,
  type AuditEntry,
  type AuditHead,
  type AuditKind,
  type AuditQuery,
  type AuditSource,
  type AuditStore,
  auditDigest,
  chainHash,
  chainStart,
  EMPTY_SUM,
  hasOwnMac,
  isAuditKind,
  isMacTable,
  isSameMac,
  isStoreDown,
  MAC_TABLES,
  movedSum,
  newStoreSecret,
  readStoreKey,
  rowMac,
  type StoreKey,
  type StoreProbe,
  type StoreState,
  type StoreStatus,
  storeKey,
  TABLE_PROOFS,
  TABLES,
  type TableProof,
  tableMac,
} from './core/index.ts';
export type {
  EmergencyRecord,
  EmergencyStore,
  NewEmergency,
  NewReview,
  ReviewRecord,
  ReviewVerdict,
} from './emergencies/index.ts';
export type {
  EnrolmentProof,
  EnrolmentRecord,
  EnrolmentStore,
  NewEnrolment,
} from './enrolment/index.ts';
export type {
  CheckpointConflict,
  EnrolledHost,
  HeartbeatStore,
  HeldHost,
  HostAcceptance,
  HostHealthStatus,
  HostJournalStore,
  HostKeyStore,
  HostLabelsSignature,
  HostLabelsStore,
  HostRecord,
  HostRegistration,
  HostRemovalSignature,
  HostRemovalStore,
  HostStore,
  JournalReport,
  JournalStatement,
  JournalVerdict,
  KernelHeartbeat,
  KnownHost,
  LabelledHost,
  NewHostLabels,
  NewHostRemoval,
  ReceivedHeartbeat,
  RegistrationEffect,
  RemovableHost,
} from './hosts/index.ts';
export { isFree, issuedAtS } from './hosts/index.ts';
export type {
  KernelBuild,
  KernelTypesRecord,
  KernelTypesStore,
  NewKernelTypes,
} from './kernel-types/index.ts';
export {
  type HeldLease,
  holdLease,
  type LeaseOptions,
  type LeaseStore,
  requireLease,
  rolloutLease,
} from './leases/index.ts';
export type {
  LockEnd,
  Locked,
  LockProof,
  LockRecord,
  LockStore,
  NewLock,
  StoredLocks,
} from './locks/index.ts';
export type { CursorMove, EventsFilter, LogBeginning, LogCursorStore } from './log-cursors/index.ts';
export type { ModuleSignature, ModuleSigningStore, StoredKernelFact } from './module-signing/index.ts';
export { openAuditSource, type StoreLocation } from './open-audit-source.ts';
export { openPostgresStore, openStore, openStoreThread, type Store, type StoreParts } from './open-store.ts';
export type { NewOrder, OrderStore } from './orders/index.ts';
export type { NewPlan, PlanRecord, PlanStore } from './plans/index.ts';
export type { ListenerReport, PostgresOptions, PostgresTls } from './postgres/index.ts';
export type { NewRollout, NewWave } from './progress/index.ts';
export {
  nextState,
  type RequestTransition,
  type RolloutRecord,
  TRANSITIONS,
  type WaveRecord,
} from './progress/index.ts';
export {
  type ExpectedHostStatus,
  REPORTS_START,
  type ReportCursor,
  type ReportPage,
  type ReportStore,
  type RowStore,
  type StoredRows,
} from './reports/index.ts';
export type {
  ExpectedHost,
  LateJoiner,
  LateJoinerStore,
  NewRequest,
  RequestRecord,
  RequestStore,
  RequestsFilter,
} from './requests/index.ts';
export { type ExpectedHostsDigest, expectedHostsDigest } from './requests/index.ts';
export type { NewResult, OutcomeStore, ResultEffect, ResultVerdict } from './results/index.ts';
export type {
  ActionOptions,
  ActionProof,
  NewAttempt,
  OperatorAction,
  Resumption,
  RolloutStatus,
  RolloutStore,
  RolloutWrite,
  StepInputs,
  TakeStepOptions,
  WaveEnd,
} from './rollouts/index.ts';
export type {
  AuditTable,
  MacTableName,
  Schema,
  SignInMethod,
  TableMacsTable,
  TableName,
} from './schema/index.ts';
export {
  backupSqlite,
  openReplayState,
  type ReplayKey,
  type ReplayState,
  sqliteEngine,
} from './sqlite/index.ts';
export type { StoredBundle, TrustStore } from './trust/index.ts';
export type { UsedToken, UsedTokenStore } from './used-tokens/index.ts';
export type { NewStatement, WitnessStore } from './witnesses/index.ts';
