import type { Kysely, Transaction } from 'kysely';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { Schema } from '../schema/index.ts';

/** What is behind the store: the database, and what SQLite and PostgreSQL do each in their own way. */
export interface Engine {
  readonly db: Kysely<Schema>;
  /**
   * Waits until this transaction is the only one that changes audited tables. Held to the commit: so the
   * audit log has one order, a change sees everything that was committed before it, and numbers of entries
   * become visible in their order.
   */
  takeTurn(trx: Transaction<Schema>): Promise<void>;
  /** Tells the other controllers of what this transaction changes; they hear it after its commit. */
  announce(trx: Transaction<Schema>, topics: readonly string[]): Promise<void>;
  /** The one clock that all controllers on this store share. */
  nowMs(db: Kysely<Schema>): Promise<number>;
  /** Whether the transaction that ended with `error` may simply be tried again. */
  isRetryable(error: unknown): boolean;
  /** What the caller is told of an error that is not ours. */
  toError(cause: unknown): FarcallError;
  close(): Promise<void>;
}

/** STORE_FAILED; what exactly went wrong is for the log, not for who called. */
export function storeFailed(cause: unknown): FarcallError {
  return new FarcallError('STORE_FAILED', 'the store could not do this; the log of the controller says why', {
    cause,
  });
}
