import type { Kysely, Transaction } from 'kysely';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import type { AuditEntry } from './audit-kinds.ts';
import { auditWriter } from './audit-log.ts';
import type { ChangeFeed } from './change-feed.ts';
import type { Engine } from './engine.ts';
import type { Schema } from './schema.ts';

/** A transaction that nothing of the audit log hangs on. */
export interface Touch {
  readonly trx: Transaction<Schema>;
  /** The controller's clock. */
  readonly nowMs: number;
  /** The clock that all controllers on this store share. */
  sharedNowMs(): Promise<number>;
}

/** One transaction that changes state. */
export interface Change extends Touch {
  /** Writes down what this transaction changes; returns the number of the entry. */
  audit(entry: AuditEntry): Promise<number>;
}

/** The database below all parts of the store. What it is given to do may be done again from the start. */
export interface Database {
  /** Runs queries that change nothing. */
  read<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T>;
  /** Runs `work` in one transaction; watchers hear of the requests in its audit entries after the commit. */
  change<T>(work: (change: Change) => Promise<T>): Promise<T>;
  /** As `change`, beside other changes and without waiting for them: for what the audit log does not tell of. */
  touch<T>(work: (touch: Touch) => Promise<T>): Promise<T>;
}

/** How often a transaction is tried that lost against another one. */
const ATTEMPTS = 5;

/** Puts transactions, audit and change notices around `engine`. */
export function databaseOn(engine: Engine, feed: ChangeFeed, clock: Clock): Database {
  const ours = <T>(work: () => Promise<T>): Promise<T> => inOurWords(engine, work);
  const touchOf = (trx: Transaction<Schema>): Touch => ({
    trx,
    nowMs: clock.nowMs(),
    sharedNowMs: () => engine.nowMs(trx),
  });
  return {
    read: work => ours(() => work(engine.db)),
    touch: work => ours(() => engine.db.transaction().execute(trx => work(touchOf(trx)))),
    async change(work) {
      let topics: readonly string[] = [];
      const result = await ours(() =>
        engine.db.transaction().execute(async trx => {
          await engine.takeTurn(trx);
          const touch = touchOf(trx);
          const log = auditWriter(trx, touch.nowMs);
          const done = await work({ ...touch, audit: log.append });
          topics = topicsOf(await log.flush());
          await engine.announce(trx, topics);
          return done;
        }),
      );
      for (const topic of topics) feed.notify(topic);
      return result;
    },
  };
}

function topicsOf(entries: readonly AuditEntry[]): readonly string[] {
  const topics = new Set<string>();
  for (const { requestId } of entries) if (requestId !== undefined) topics.add(requestId);
  return [...topics];
}

async function inOurWords<T>(engine: Engine, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof FarcallError) throw cause;
      if (attempt < ATTEMPTS && engine.isRetryable(cause)) continue;
      throw engine.toError(cause);
    }
  }
}
