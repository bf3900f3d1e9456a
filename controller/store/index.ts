export type { AbortRecord, AbortStore, NewAbort } from './abort-store.ts';
export {
  type ApprovalRecord,
  type ApprovalStore,
  DECIDED_IN,
  type Decision,
  decisionsRevision,
  type NewApproval,
  type NewWithdrawal,
  WITHDRAWN_IN,
} from './approval-store.ts';
export {
  AUDIT_KINDS,
  type AuditDetail,
  type AuditEntry,
  type AuditKind,
  isAuditKind,
} from './audit-kinds.ts';
export {
  type AuditHead,
  type AuditQuery,
  type AuditStore,
  auditDigest,
  chainHash,
  chainStart,
} from './audit-log.ts';
export { type AuditSource, TABLES } from './audit-source.ts';
export type { ChangeFeed, ChangeListener } from './change-feed.ts';
export type { CheckpointStore, StoredCheckpoint } from './checkpoint-store.ts';
export type { ConsoleSession, ConsoleStore, ConsoleTicket, SignInWay } from './console-store.ts';
export type { Change } from './database.ts';
export type { EnrolmentRecord, EnrolmentStore, NewEnrolment } from './enrolment-store.ts';
export { type ExpectedHostsDigest, expectedHostsDigest } from './expected-hosts-digest.ts';
export type { HeartbeatStore, HostStanding, KernelHeartbeat, ReceivedHeartbeat } from './heartbeat-store.ts';
export type { EnrolledHost, HostKeyStore } from './host-keys.ts';
export type {
  CheckpointConflict,
  HostRecord,
  HostRegistration,
  HostStore,
  RegistrationEffect,
} from './host-store.ts';
export type { Joiner, JoinerStore } from './joiner-store.ts';
export type {
  KernelBuild,
  KernelTypesRecord,
  KernelTypesStore,
  NewKernelTypes,
} from './kernel-types-store.ts';
export {
  type HeldLease,
  type LeaseStore,
  type LeaseWish,
  requireLease,
  rolloutLease,
} from './lease-store.ts';
export type { KernelStatement, ModuleSignature, ModuleSigningStore } from './module-signing-store.ts';
export { openAuditSource, type StoreLocation } from './open-audit-source.ts';
export { openPostgresStore, openStore, type Store } from './open-store.ts';
export type { NewOrder, OrderStore } from './order-store.ts';
export type { NewResult, OutcomeStore, ResultEffect, ResultVerdict } from './outcome-store.ts';
export type { NewPlan, PlanRecord, PlanStore } from './plan-store.ts';
export type { ListenerReport, PostgresOptions, PostgresTls } from './postgres/index.ts';
export {
  REPORTS_START,
  type ReportCursor,
  type ReportPage,
  type ReportStore,
  type Standing,
} from './report-store.ts';
export { nextState, type RequestEvent, TRANSITIONS } from './request-states.ts';
export type {
  ExpectedHost,
  NewRequest,
  RequestRecord,
  RequestStore,
  RequestsWanted,
} from './request-store.ts';
export type { PersonsAct, Retry } from './rollout-acts.ts';
export { isLive, type RolloutRecord, type WaveRecord } from './rollout-record.ts';
export type { NewRollout, NewWave } from './rollout-rows.ts';
export type { RolloutStep, StepMeans } from './rollout-steps.ts';
export type { ActWish, RetryWish, RolloutStore, StepWish } from './rollout-store.ts';
export type { AuditTable, Schema, TableName } from './schema.ts';
export { type NoteKey, openScratch, type Scratch } from './scratch.ts';
export type { StoredBundle, TrustStore } from './trust-store.ts';
export type { UsedToken, UsedTokenStore } from './used-token-store.ts';
export type { CursorMove, EventsWanted, WebhookStore } from './webhook-store.ts';
