import type { Kysely, Transaction } from 'kysely';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { Schema } from '../schema/index.ts';

/** The database behind the store, and what SQLite and PostgreSQL do differently. */
export interface Engine {
  readonly db: Kysely<Schema>;
  /** Whether no other process can have the store open. */
  readonly isExclusive: boolean;
  /**
   * Waits until no other transaction changes audited tables; held until the commit. So the audit log has one
   * order, a change sees everything that was committed before it, and entries become visible in the order of
   * their numbers.
   */
  takeTurn(trx: Transaction<Schema>): Promise<void>;
  /**
   * Notifies the other controllers of what this transaction changes; they receive the notice after its
   * commit.
   */
  announce(trx: Transaction<Schema>, topics: readonly string[]): Promise<void>;
  /** The one clock that all controllers on this store share. */
  nowMs(db: Kysely<Schema>): Promise<number>;
  /** Whether the transaction that ended with `error` may simply be tried again. */
  isRetryable(error: unknown): boolean;
  /** The error that callers get for an error that is not a FarcallError. */
  toError(cause: unknown): FarcallError;
  close(): Promise<void>;
}

/** STORE_FAILED, for a reason that operators may read. All details are in its cause, for the log. */
export function storeFailed(cause: unknown, reason = 'the log of the controller says why'): FarcallError {
  return new FarcallError('STORE_FAILED', `the store could not do this: ${reason}`, { cause });
}

/** STORE_FULL: nothing can be written. */
export function storeFull(cause: unknown): FarcallError {
  return new FarcallError(
    'STORE_FULL',
    'the disk of the store is full: nothing can be written until there is room on it; what only reads works',
    { cause },
  );
}

/**
 * Whether the whole store takes nothing because of this error, so that trying its parts one by one cannot
 * help: it is away, or its disk is full.
 */
export function isStoreDown(error: unknown): boolean {
  return error instanceof FarcallError && (error.code === 'UNREACHABLE' || error.code === 'STORE_FULL');
}
