export type { AbortRecord, AbortStore, NewAbort } from './abort-store.ts';
export {
  type ApprovalRecord,
  type ApprovalStore,
  type Decision,
  decisionsRevision,
  type NewApproval,
  type NewWithdrawal,
} from './approval-store.ts';
export type { AuditHead } from './audit-log.ts';
export type { ChangeFeed, ChangeListener } from './change-feed.ts';
export type { HostRecord, HostRegistration, HostStore, RegistrationEffect } from './host-store.ts';
export { openStore, type Store } from './open-store.ts';
export type { NewOrder, OrderStore } from './order-store.ts';
export type { NewResult, OutcomeStore, ResultEffect, ResultVerdict } from './outcome-store.ts';
export { REPORTS_START, type ReportCursor, type ReportPage, type ReportStore } from './report-store.ts';
export { nextState, type RequestEvent, TRANSITIONS } from './request-states.ts';
export type { ExpectedHost, NewRequest, RequestRecord, RequestStore } from './request-store.ts';
