import { type Kysely, sql, type Transaction } from 'kysely';
import type { Clock } from '../../../shared/clock/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { Schema } from '../schema/index.ts';
import type { AuditEntry } from './audit-kinds.ts';
import { type AuditWriter, auditWriter } from './audit-log.ts';
import type { ChangeFeed } from './change-feed.ts';
import type { Engine } from './engine.ts';
import type { MacTables } from './mac-tables.ts';
import type { StoreCondition } from './store-condition.ts';

/** A transaction without an entry in the audit log. */
export interface PlainTransaction {
  readonly trx: Transaction<Schema>;
  readonly macs: MacTables;
  /** The controller's clock. */
  readonly nowMs: number;
  /** The clock that all controllers on this store share. */
  sharedNowMs(): Promise<number>;
}

/** One transaction that changes state. */
export interface Change extends PlainTransaction {
  /** Adds an entry about this transaction to the audit log; returns the number of the entry. */
  audit(entry: AuditEntry): Promise<number>;
}

/** The database below all parts of the store. The work that it is given may run again from the start. */
export interface Database {
  readonly macs: MacTables;
  /** Whether no other process can have the store open. */
  readonly isExclusive: boolean;
  /** Runs queries that change nothing. */
  read<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T>;
  /**
   * Runs `work` in one transaction. Watchers of the requests in its audit entries are notified after the
   * commit.
   */
  change<T>(work: (change: Change) => Promise<T>): Promise<T>;
  /** As `change`, but concurrently with other changes: for what the audit log does not record. */
  transact<T>(work: (transaction: PlainTransaction) => Promise<T>): Promise<T>;
}

/** How often a transaction is tried again after it lost against another one. */
const ATTEMPTS = 5;

/** Most changes that are committed together. */
const GROUP_LIMIT = 64;

interface Waiting {
  readonly work: (change: Change) => Promise<unknown>;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** The change notices, the clock and the MACs of a store, and where it is noted how the store is. */
export interface DatabaseParts {
  readonly feed: ChangeFeed;
  readonly clock: Clock;
  readonly macs: MacTables;
  readonly condition: StoreCondition;
}

/**
 * Adds transactions, the audit log and change notices to `engine`.
 *
 * Changes that wait while another one is committed are done together in one transaction, each behind a
 * savepoint of its own: if a whole fleet says hello at one moment, that costs a few fsyncs, not one for each
 * host. A caller gets its result after the commit, or its own error, which undoes its own work alone.
 */
export function databaseOn(engine: Engine, { feed, clock, macs, condition }: DatabaseParts): Database {
  const ours = async <T>(work: () => Promise<T>, what: 'read' | 'commit' = 'commit'): Promise<T> => {
    const result = await inOurWords(engine, condition, work);
    condition.succeeded(what);
    return result;
  };
  const transactionOf = (trx: Transaction<Schema>): PlainTransaction => ({
    trx,
    macs,
    nowMs: clock.nowMs(),
    sharedNowMs: () => engine.nowMs(trx),
  });
  const doOne = async (trx: Transaction<Schema>, log: AuditWriter, { work }: Waiting): Promise<unknown> => {
    const transaction = transactionOf(trx);
    return work({ ...transaction, audit: entry => log.append(entry, transaction.nowMs) });
  };
  /** Does all of `group` and commits it; resolves to functions that notify each caller. */
  const doGroup = (group: readonly Waiting[]): Promise<readonly (() => void)[]> =>
    ours(async () => {
      let topics: readonly string[] = [];
      const notices = await engine.db.transaction().execute(async trx => {
        await engine.takeTurn(trx);
        const log = auditWriter(trx);
        const ends: (() => void)[] = [];
        for (const waiting of group) {
          const end = await (group.length === 1
            ? doOne(trx, log, waiting).then(result => () => waiting.resolve(result))
            : behindSavepoint({ trx, log, waiting, work: () => doOne(trx, log, waiting) }));
          ends.push(end);
        }
        topics = topicsOf(await log.flush());
        await engine.announce(trx, topics);
        return ends;
      });
      for (const topic of topics) feed.notify(topic);
      return notices;
    });
  return {
    macs,
    isExclusive: engine.isExclusive,
    read: work => ours(() => work(engine.db), 'read'),
    transact: work => ours(() => engine.db.transaction().execute(trx => work(transactionOf(trx)))),
    change: grouped(doGroup),
  };
}

interface Step {
  readonly trx: Transaction<Schema>;
  readonly log: AuditWriter;
  readonly waiting: Waiting;
  readonly work: () => Promise<unknown>;
}

/**
 * One change among others: its error undoes its own work. An error after which a transaction may be tried
 * again ends the whole group.
 */
async function behindSavepoint({ trx, log, waiting, work }: Step): Promise<() => void> {
  const entries = log.length;
  await sql`savepoint one_change`.execute(trx);
  try {
    const result = await work();
    await sql`release savepoint one_change`.execute(trx);
    return () => waiting.resolve(result);
  } catch (error) {
    if (!(error instanceof FarcallError)) throw error;
    await sql`rollback to savepoint one_change`.execute(trx);
    await sql`release savepoint one_change`.execute(trx);
    log.keepFirst(entries);
    return () => waiting.reject(error);
  }
}

/** `change` by way of groups. */
function grouped(
  doGroup: (group: readonly Waiting[]) => Promise<readonly (() => void)[]>,
): Database['change'] {
  const queue: Waiting[] = [];
  let isRunning = false;
  const settle = async (group: readonly Waiting[]): Promise<void> => {
    try {
      for (const notify of await doGroup(group)) notify();
    } catch (error) {
      // An error that is not one change's own: where the database is there, each is tried alone, and has its
      // own answer.
      const isAway = error instanceof FarcallError && error.code === 'UNREACHABLE';
      if (group.length === 1 || isAway) for (const { reject } of group) reject(error);
      else for (const each of group) await settle([each]);
    }
  };
  const run = async (): Promise<void> => {
    isRunning = true;
    while (queue.length > 0) await settle(queue.splice(0, GROUP_LIMIT));
    isRunning = false;
  };
  return <T>(work: (change: Change) => Promise<T>): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    queue.push({ work, resolve: result => resolve(result as T), reject });
    if (!isRunning) void run();
    return promise;
  };
}

function topicsOf(entries: readonly AuditEntry[]): readonly string[] {
  const topics = new Set<string>();
  for (const { requestId } of entries) if (requestId !== undefined) topics.add(requestId);
  return [...topics];
}

async function inOurWords<T>(engine: Engine, condition: StoreCondition, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof FarcallError) throw cause;
      if (attempt < ATTEMPTS && engine.isRetryable(cause)) continue;
      const error = engine.toError(cause);
      condition.failed(error);
      throw error;
    }
  }
}
