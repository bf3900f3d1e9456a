import { FarcallError } from '../../../shared/errors/index.ts';
import { BASELINE_POSTGRES, BASELINE_SQLITE, BASELINE_TABLES } from './baseline.ts';

/** One step of the schema's history. */
export interface Migration {
  /**
   * SQL for both engines, in SQLite's spelling. `inPostgres` translates `integer` (64 bits), `text`, `blob`,
   * `strict` tables, checks, keys and indexes; anything else has to be written for each engine.
   */
  readonly both: string;
  /** SQL that follows in SQLite alone. */
  readonly sqlite?: string;
  /** SQL that follows in PostgreSQL alone. */
  readonly postgres?: string;
}

/**
 * The schema's history: entry n brings a store from schema n to schema n + 1. An entry that was released is
 * never edited; a change is a new entry at the end.
 */
export const MIGRATIONS: readonly Migration[] = [
  { both: BASELINE_TABLES, sqlite: BASELINE_SQLITE, postgres: BASELINE_POSTGRES },
];

/** The SQL of `migration` for SQLite. */
export function inSqlite({ both, sqlite = '' }: Migration): string {
  return both + sqlite;
}

/** How PostgreSQL spells what the tables are made of. It compares text byte by byte then, as SQLite does. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/\binteger\b/g, 'bigint'],
  [/\bblob\b/g, 'bytea'],
  [/\btext\b/g, 'text collate "C"'],
  [/\)\s*strict\s*;/g, ');'],
  [/\blength\(/g, 'octet_length('],
];

/** The SQL of `migration` for PostgreSQL. */
export function inPostgres({ both, postgres = '' }: Migration): string {
  const parts = both.split(/('[^']*')/);
  return parts.map((part, index) => (index % 2 === 1 ? part : respell(part))).join('') + postgres;
}

function respell(sql: string): string {
  return SPELLINGS.reduce((text, [pattern, spelling]) => text.replaceAll(pattern, spelling), sql);
}

/**
 * The migrations that bring a store from schema `version` to the newest one, each with the number of the
 * schema that it leads to. Throws STORE_FAILED if a newer farcall wrote the store: there is no way back.
 */
export function pendingMigrations(
  version: number,
  { store, migrations }: { readonly store: string; readonly migrations: readonly Migration[] },
): readonly (readonly [schema: number, migration: Migration])[] {
  if (version > migrations.length)
    throw new FarcallError(
      'STORE_FAILED',
      `the store ${store} was written by a newer farcall (schema ${version}, and this farcall knows up to ${migrations.length}): run that farcall, or restore a backup`,
    );
  return migrations
    .map((migration, index) => [index + 1, migration] as const)
    .filter(([schema]) => schema > version);
}
