import type { Kysely, Transaction } from 'kysely';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import type { AuditEntry } from './audit-kinds.ts';
import { appendAudit } from './audit-log.ts';
import type { ChangeFeed } from './change-feed.ts';
import type { Schema } from './schema.ts';

/** One transaction that changes state. */
export interface Change {
  readonly trx: Transaction<Schema>;
  readonly nowMs: number;
  /** Writes down what this transaction changes; returns the number of the entry. */
  audit(entry: AuditEntry): Promise<number>;
}

/** The database below all parts of the store. */
export interface Database {
  /** Runs queries that change nothing. */
  read<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T>;
  /** Runs `work` in one transaction; watchers hear of the requests in its audit entries after the commit. */
  change<T>(work: (change: Change) => Promise<T>): Promise<T>;
}

/** Puts transactions, audit and change notices around `db`. */
export function databaseOn(db: Kysely<Schema>, feed: ChangeFeed, clock: Clock): Database {
  return {
    read: work => ours(() => work(db)),
    async change(work) {
      const changed = new Set<string>();
      const result = await ours(() =>
        db.transaction().execute(trx => {
          const nowMs = clock.nowMs();
          const audit = (entry: AuditEntry): Promise<number> => {
            if (entry.requestId !== undefined) changed.add(entry.requestId);
            return appendAudit(trx, entry, nowMs);
          };
          return work({ trx, nowMs, audit });
        }),
      );
      for (const requestId of changed) feed.notify(requestId);
      return result;
    },
  };
}

async function ours<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof FarcallError) throw cause;
    throw new FarcallError(
      'STORE_FAILED',
      'the store could not do this; the log of the controller says why',
      {
        cause,
      },
    );
  }
}
