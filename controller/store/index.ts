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
export { type AuditSource, openAuditSource, TABLES } from './audit-source.ts';
export type { ChangeFeed, ChangeListener } from './change-feed.ts';
export type { CheckpointStore, StoredCheckpoint } from './checkpoint-store.ts';
export type { EnrolmentRecord, EnrolmentStore, NewEnrolment } from './enrolment-store.ts';
export { type ExpectedHostsDigest, expectedHostsDigest } from './expected-hosts-digest.ts';
export type { EnrolledHost, HostKeyStore } from './host-keys.ts';
export type {
  CheckpointConflict,
  HostRecord,
  HostRegistration,
  HostStore,
  RegistrationEffect,
} from './host-store.ts';
export type { KernelStatement, ModuleSignature, ModuleSigningStore } from './module-signing-store.ts';
export { openStore, type Store } from './open-store.ts';
export type { NewOrder, OrderRecord, OrderStore } from './order-store.ts';
export type { NewResult, OutcomeStore, ResultEffect, ResultVerdict } from './outcome-store.ts';
export { REPORTS_START, type ReportCursor, type ReportPage, type ReportStore } from './report-store.ts';
export { nextState, type RequestEvent, TRANSITIONS } from './request-states.ts';
export type { ExpectedHost, NewRequest, RequestRecord, RequestStore } from './request-store.ts';
export type { AuditTable, Schema, TableName } from './schema.ts';
export { type NoteKey, openScratch, type Scratch } from './scratch.ts';
export type { StoredBundle, TrustStore } from './trust-store.ts';
