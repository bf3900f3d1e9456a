export type { ApprovalRecord, ApprovalStore, NewApproval } from './approval-store.ts';
export type { AuditHead } from './audit-log.ts';
export type { ChangeFeed, ChangeListener } from './change-feed.ts';
export type { HostRecord, HostRegistration, HostStore, RegistrationEffect } from './host-store.ts';
export { openStore, type Store } from './open-store.ts';
export type { NewOrder, OrderStore } from './order-store.ts';
export type { NewResult, OutcomeStore, ResultEffect } from './outcome-store.ts';
export { REPORTS_START, type ReportCursor, type ReportPage, type ReportStore } from './report-store.ts';
export type { ExpectedHost, NewRequest, RequestRecord, RequestStore } from './request-store.ts';
