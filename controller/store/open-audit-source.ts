import type { AuditSource } from './core/index.ts';
import { openPostgresAuditSource, type PostgresOptions } from './postgres/index.ts';
import { openSqliteAuditSource } from './sqlite/index.ts';

/** Where a store is. */
export type StoreLocation = { readonly sqlite: string } | { readonly postgres: PostgresOptions };

/**
 * Opens a store for reading only, also while controllers run on it: what is read is the state of one moment.
 * Throws STORE_FAILED if it is no store, or of another version of farcall; UNREACHABLE if the database
 * does not answer.
 */
export async function openAuditSource(location: StoreLocation): Promise<AuditSource> {
  if ('sqlite' in location) return openSqliteAuditSource(location.sqlite);
  return openPostgresAuditSource(location.postgres);
}
