import type { Clock } from '../../shared/clock/index.ts';
import type { FarcallError } from '../../shared/errors/index.ts';
import { type AbortStore, abortStoreOn } from './aborts/index.ts';
import { type ApprovalStore, approvalStoreOn } from './approvals/index.ts';
import { type CheckpointStore, checkpointStoreOn } from './checkpoints/index.ts';
import { type ConsoleStore, consoleStoreOn } from './console/index.ts';
import {
  type AuditStore,
  auditStoreOn,
  type ChangeFeed,
  createChangeFeed,
  databaseOn,
  type Engine,
  macTables,
  type ReportForgedRow,
  type StoreKey,
  type StoreProbe,
  storeCondition,
  storeProbe,
} from './core/index.ts';
import { type EmergencyStore, emergencyStoreOn } from './emergencies/index.ts';
import { type EnrolmentStore, enrolmentStoreOn } from './enrolment/index.ts';
import {
  type HeartbeatStore,
  type HostJournalStore,
  type HostKeyStore,
  type HostLabelsStore,
  type HostRemovalStore,
  type HostStore,
  heartbeatStoreOn,
  hostJournalStoreOn,
  hostKeyStoreOn,
  hostLabelsStoreOn,
  hostRemovalStoreOn,
  hostStoreOn,
} from './hosts/index.ts';
import { type KernelTypesStore, kernelTypesStoreOn } from './kernel-types/index.ts';
import { type LeaseStore, leaseStoreOn } from './leases/index.ts';
import { type LockStore, lockStoreOn } from './locks/index.ts';
import { type LogCursorStore, logCursorStoreOn } from './log-cursors/index.ts';
import { type ModuleSigningStore, moduleSigningStoreOn } from './module-signing/index.ts';
import { type OrderStore, orderStoreOn } from './orders/index.ts';
import { type PlanStore, planStoreOn } from './plans/index.ts';
import { type ListenerReport, type PostgresOptions, postgresEngine } from './postgres/index.ts';
import { type ReportStore, type RowStore, reportStoreOn, rowStoreOn } from './reports/index.ts';
import {
  type LateJoinerStore,
  lateJoinerStoreOn,
  type RequestStore,
  requestStoreOn,
} from './requests/index.ts';
import { type OutcomeStore, outcomeStoreOn } from './results/index.ts';
import { type RolloutStore, rolloutStoreOn } from './rollouts/index.ts';
import { openSqlite, openSqliteThread, sqliteEngine } from './sqlite/index.ts';
import { type TrustStore, trustStoreOn } from './trust/index.ts';
import { type UsedTokenStore, usedTokenStoreOn } from './used-tokens/index.ts';
import { type WitnessStore, witnessStoreOn } from './witnesses/index.ts';

/** Everything that the controller knows, in small parts: each reader takes only those that it needs. */
export interface Store {
  readonly enrolments: EnrolmentStore;
  readonly hostKeys: HostKeyStore;
  readonly hostRemovals: HostRemovalStore;
  readonly hostLabels: HostLabelsStore;
  readonly hosts: HostStore;
  readonly lateJoiners: LateJoinerStore;
  readonly heartbeats: HeartbeatStore;
  readonly hostJournals: HostJournalStore;
  readonly requests: RequestStore;
  readonly approvals: ApprovalStore;
  readonly aborts: AbortStore;
  readonly emergencies: EmergencyStore;
  readonly orders: OrderStore;
  readonly outcomes: OutcomeStore;
  readonly rollouts: RolloutStore;
  readonly reports: ReportStore;
  readonly rows: RowStore;
  readonly audit: AuditStore;
  readonly checkpoints: CheckpointStore;
  readonly witnesses: WitnessStore;
  readonly trustBundles: TrustStore;
  readonly leases: LeaseStore;
  readonly locks: LockStore;
  readonly usedTokens: UsedTokenStore;
  readonly plans: PlanStore;
  readonly consoles: ConsoleStore;
  readonly kernelTypes: KernelTypesStore;
  readonly moduleSigning: ModuleSigningStore;
  readonly logCursors: LogCursorStore;
  readonly changes: ChangeFeed;
  readonly condition: StoreProbe;
  close(): Promise<void>;
}

/** The clock of a store, the key of its MACs, and who hears of rows without a valid one. */
export interface StoreParts {
  readonly clock: Clock;
  readonly key: StoreKey;
  readonly reportForged: ReportForgedRow;
}

/**
 * Opens the store in the SQLite file `path`, in a thread of its own, so that no disk stops the event loop.
 * Throws STORE_FAILED if that cannot be done, CONFIG_INVALID if it was begun with another key. `lost` is
 * called if that thread ends by itself: every call is refused from then on, and the process should end.
 */
export async function openStoreThread(
  path: string,
  parts: StoreParts,
  lost: (error: FarcallError) => void,
): Promise<Store> {
  const opened = await openSqliteThread(path, parts.key, lost);
  return storeOn(sqliteEngine(opened, path, parts.clock), createChangeFeed(), parts);
}

/** As {@link openStoreThread}, in this thread: for tests, and for tools that are alone. */
export function openStore(path: string, parts: StoreParts): Store {
  return storeOn(sqliteEngine(openSqlite(path, parts.key), path, parts.clock), createChangeFeed(), parts);
}

/**
 * Opens the store in a PostgreSQL database, which other controllers may be using too. Throws UNREACHABLE
 * where it does not answer, STORE_FAILED if it cannot be used, CONFIG_INVALID if it was begun with another
 * key.
 */
export async function openPostgresStore(
  options: PostgresOptions,
  parts: StoreParts,
  report: ListenerReport,
): Promise<Store> {
  const feed = createChangeFeed();
  return storeOn(await postgresEngine(options, { feed, report, key: parts.key }), feed, parts);
}

function storeOn(engine: Engine, changes: ChangeFeed, { clock, key, reportForged }: StoreParts): Store {
  const macs = macTables(key, reportForged);
  const condition = storeCondition(clock);
  const database = databaseOn(engine, { feed: changes, clock, macs, condition });
  return {
    enrolments: enrolmentStoreOn(database),
    hostKeys: hostKeyStoreOn(database),
    hostRemovals: hostRemovalStoreOn(database),
    hostLabels: hostLabelsStoreOn(database),
    hosts: hostStoreOn(database),
    lateJoiners: lateJoinerStoreOn(database),
    heartbeats: heartbeatStoreOn(database),
    hostJournals: hostJournalStoreOn(database),
    requests: requestStoreOn(database),
    approvals: approvalStoreOn(database),
    aborts: abortStoreOn(database),
    emergencies: emergencyStoreOn(database),
    orders: orderStoreOn(database),
    outcomes: outcomeStoreOn(database),
    rollouts: rolloutStoreOn(database),
    reports: reportStoreOn(database),
    rows: rowStoreOn(database),
    audit: auditStoreOn(database),
    checkpoints: checkpointStoreOn(database),
    witnesses: witnessStoreOn(database),
    trustBundles: trustStoreOn(database),
    leases: leaseStoreOn(database),
    locks: lockStoreOn(database),
    usedTokens: usedTokenStoreOn(database),
    plans: planStoreOn(database),
    consoles: consoleStoreOn(database),
    kernelTypes: kernelTypesStoreOn(database),
    moduleSigning: moduleSigningStoreOn(database),
    logCursors: logCursorStoreOn(database),
    changes,
    condition: storeProbe(condition, database),
    close: () => engine.close(),
  };
}
