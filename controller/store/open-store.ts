import type { Clock } from '../../shared/clock/index.ts';
import { type AbortStore, abortStoreOn } from './abort-store.ts';
import { type ApprovalStore, approvalStoreOn } from './approval-store.ts';
import { type AuditStore, auditStoreOn } from './audit-log.ts';
import { type ChangeFeed, createChangeFeed } from './change-feed.ts';
import { type CheckpointStore, checkpointStoreOn } from './checkpoint-store.ts';
import { type ConsoleStore, consoleStoreOn } from './console-store.ts';
import { databaseOn } from './database.ts';
import { type Engine, sqliteEngine } from './engine.ts';
import { type EnrolmentStore, enrolmentStoreOn } from './enrolment-store.ts';
import { type HeartbeatStore, heartbeatStoreOn } from './heartbeat-store.ts';
import { type HostKeyStore, hostKeyStoreOn } from './host-keys.ts';
import { type HostStore, hostStoreOn } from './host-store.ts';
import { type JoinerStore, joinerStoreOn } from './joiner-store.ts';
import { type KernelTypesStore, kernelTypesStoreOn } from './kernel-types-store.ts';
import { type LeaseStore, leaseStoreOn } from './lease-store.ts';
import { type ModuleSigningStore, moduleSigningStoreOn } from './module-signing-store.ts';
import { type OrderStore, orderStoreOn } from './order-store.ts';
import { type OutcomeStore, outcomeStoreOn } from './outcome-store.ts';
import { type PlanStore, planStoreOn } from './plan-store.ts';
import { type ListenerReport, type PostgresOptions, postgresEngine } from './postgres/index.ts';
import { type ReportStore, reportStoreOn } from './report-store.ts';
import { type RequestStore, requestStoreOn } from './request-store.ts';
import { type RolloutStore, rolloutStoreOn } from './rollout-store.ts';
import { openSqlite } from './sqlite.ts';
import { type TrustStore, trustStoreOn } from './trust-store.ts';
import { type UsedTokenStore, usedTokenStoreOn } from './used-token-store.ts';
import { type WebhookStore, webhookStoreOn } from './webhook-store.ts';

/** Everything that the controller knows, in small parts: each reader takes only those that it needs. */
export interface Store {
  readonly enrolments: EnrolmentStore;
  readonly hostKeys: HostKeyStore;
  readonly hosts: HostStore;
  readonly joiners: JoinerStore;
  readonly heartbeats: HeartbeatStore;
  readonly requests: RequestStore;
  readonly approvals: ApprovalStore;
  readonly aborts: AbortStore;
  readonly orders: OrderStore;
  readonly outcomes: OutcomeStore;
  readonly rollouts: RolloutStore;
  readonly reports: ReportStore;
  readonly audit: AuditStore;
  readonly checkpoints: CheckpointStore;
  readonly trustBundles: TrustStore;
  readonly leases: LeaseStore;
  readonly usedTokens: UsedTokenStore;
  readonly plans: PlanStore;
  readonly consoles: ConsoleStore;
  readonly kernelTypes: KernelTypesStore;
  readonly moduleSigning: ModuleSigningStore;
  readonly webhooks: WebhookStore;
  readonly changes: ChangeFeed;
  close(): Promise<void>;
}

/** Opens the store in the SQLite file `path`. Throws STORE_FAILED where that cannot be done. */
export function openStore(path: string, clock: Clock): Store {
  return storeOn(sqliteEngine(openSqlite(path), clock), createChangeFeed(), clock);
}

/**
 * Opens the store in a PostgreSQL database, which other controllers may be using too. Throws UNREACHABLE where it does not
 * answer, STORE_FAILED where it cannot be used.
 */
export async function openPostgresStore(
  options: PostgresOptions,
  clock: Clock,
  report: ListenerReport,
): Promise<Store> {
  const changes = createChangeFeed();
  return storeOn(await postgresEngine(options, changes, report), changes, clock);
}

function storeOn(engine: Engine, changes: ChangeFeed, clock: Clock): Store {
  const database = databaseOn(engine, changes, clock);
  return {
    enrolments: enrolmentStoreOn(database),
    hostKeys: hostKeyStoreOn(database),
    hosts: hostStoreOn(database),
    joiners: joinerStoreOn(database),
    heartbeats: heartbeatStoreOn(database),
    requests: requestStoreOn(database),
    approvals: approvalStoreOn(database),
    aborts: abortStoreOn(database),
    orders: orderStoreOn(database),
    outcomes: outcomeStoreOn(database),
    rollouts: rolloutStoreOn(database),
    reports: reportStoreOn(database),
    audit: auditStoreOn(database),
    checkpoints: checkpointStoreOn(database),
    trustBundles: trustStoreOn(database),
    leases: leaseStoreOn(database),
    usedTokens: usedTokenStoreOn(database),
    plans: planStoreOn(database),
    consoles: consoleStoreOn(database),
    kernelTypes: kernelTypesStoreOn(database),
    moduleSigning: moduleSigningStoreOn(database),
    webhooks: webhookStoreOn(database),
    changes,
    close: () => engine.close(),
  };
}
