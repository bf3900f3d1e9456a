import pg from 'pg';
import { FarcallError } from '../../../shared/errors/index.ts';
import { storeFailed, storeFull } from '../core/index.ts';

/**
 * What ends when it is tried again (appendix A of PostgreSQL's manual): serialization_failure,
 * deadlock_detected.
 */
const RETRYABLE = ['40001', '40P01'];

/**
 * What says that the server is not there as it should be: connection exceptions, no resources, being shut
 * down or started, a statement or lock that took too long, a standby that takes no writes.
 */
const AWAY = /^(08...|53...|57P0[1235]|57014|55P03|25006)$/;

/** disk_full: the server is there, and cannot extend a file. */
const DISK_FULL = '53100';

/** `pg` has no codes for what is wrong with a connection. */
const CONNECTION_LOST =
  /^(Connection terminated|Connection ended|timeout e|timeout exceeded|Query read timeout|Client (was|has))/i;

/** Whether the server itself reported the error; the connection is in good order then. */
export function isServerError(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && !/^(FATAL|PANIC)$/.test(error.severity ?? '');
}

/** Whether a transaction that ended so may be tried again from its start. */
export function isRetryable(error: unknown): boolean {
  return isServerError(error) && RETRYABLE.includes(error.code ?? '');
}

/** STORE_FULL, UNREACHABLE if the database is away or does not answer, STORE_FAILED otherwise. */
export function toStoreError(cause: unknown): FarcallError {
  if (cause instanceof FarcallError) return cause;
  if (cause instanceof pg.DatabaseError && cause.code === DISK_FULL) return storeFull(cause);
  return isAway(cause) ? unreachable(cause) : storeFailed(cause);
}

/** UNREACHABLE, with what the server or the system says about it; passwords are in none of that. */
export function unreachable(cause: unknown): FarcallError {
  const reason = cause instanceof AggregateError ? cause.errors.map(messageOf).join('; ') : messageOf(cause);
  return new FarcallError('UNREACHABLE', `the database of the store cannot be reached: ${reason}`, { cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isAway(cause: unknown): boolean {
  if (cause instanceof pg.DatabaseError) return AWAY.test(cause.code ?? '') || !isServerError(cause);
  if (!(cause instanceof Error)) return false;
  return 'syscall' in cause || cause instanceof AggregateError || CONNECTION_LOST.test(cause.message);
}
