import type { Clock } from '../../shared/clock/index.ts';
import { type AbortStore, abortStoreOn } from './abort-store.ts';
import { type ApprovalStore, approvalStoreOn } from './approval-store.ts';
import { type AuditStore, auditStoreOn } from './audit-log.ts';
import { type ChangeFeed, createChangeFeed } from './change-feed.ts';
import { type CheckpointStore, checkpointStoreOn } from './checkpoint-store.ts';
import { databaseOn } from './database.ts';
import { type EnrolmentStore, enrolmentStoreOn } from './enrolment-store.ts';
import { type HostKeyStore, hostKeyStoreOn } from './host-keys.ts';
import { type HostStore, hostStoreOn } from './host-store.ts';
import { type ModuleSigningStore, moduleSigningStoreOn } from './module-signing-store.ts';
import { type OrderStore, orderStoreOn } from './order-store.ts';
import { type OutcomeStore, outcomeStoreOn } from './outcome-store.ts';
import { type ReportStore, reportStoreOn } from './report-store.ts';
import { type RequestStore, requestStoreOn } from './request-store.ts';
import { openSqlite } from './sqlite.ts';
import { type TrustStore, trustStoreOn } from './trust-store.ts';

/** Everything that the controller knows, in small parts: each reader takes only those that it needs. */
export interface Store {
  readonly enrolments: EnrolmentStore;
  readonly hostKeys: HostKeyStore;
  readonly hosts: HostStore;
  readonly requests: RequestStore;
  readonly approvals: ApprovalStore;
  readonly aborts: AbortStore;
  readonly orders: OrderStore;
  readonly outcomes: OutcomeStore;
  readonly reports: ReportStore;
  readonly audit: AuditStore;
  readonly checkpoints: CheckpointStore;
  readonly trustBundles: TrustStore;
  readonly moduleSigning: ModuleSigningStore;
  readonly changes: ChangeFeed;
  close(): Promise<void>;
}

/** Opens the store in the SQLite file `path`. Throws STORE_FAILED where that cannot be done. */
export function openStore(path: string, clock: Clock): Store {
  const db = openSqlite(path);
  const changes = createChangeFeed();
  const database = databaseOn(db, changes, clock);
  return {
    enrolments: enrolmentStoreOn(database),
    hostKeys: hostKeyStoreOn(database),
    hosts: hostStoreOn(database),
    requests: requestStoreOn(database),
    approvals: approvalStoreOn(database),
    aborts: abortStoreOn(database),
    orders: orderStoreOn(database),
    outcomes: outcomeStoreOn(database),
    reports: reportStoreOn(database),
    audit: auditStoreOn(database),
    checkpoints: checkpointStoreOn(database),
    trustBundles: trustStoreOn(database),
    moduleSigning: moduleSigningStoreOn(database),
    changes,
    close: () => db.destroy(),
  };
}
