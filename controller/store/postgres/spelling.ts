import type { Migration } from '../schema/index.ts';

/** How PostgreSQL spells what SQLite's tables are made of. Text is compared byte by byte, as SQLite does. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/\binteger\b/g, 'bigint'],
  [/\bblob\b/g, 'bytea'],
  [/\btext\b/g, 'text collate "C"'],
  [/\)\s*strict\s*;/g, ');'],
  [/\blength\(/g, 'octet_length('],
];

/** A migration as PostgreSQL takes it. */
export function inPostgres(migration: Migration): string {
  if (typeof migration !== 'string') return migration.postgres;
  const withoutStrings = migration.split(/('[^']*')/);
  return withoutStrings.map((part, index) => (index % 2 === 1 ? part : respelled(part))).join('');
}

function respelled(sql: string): string {
  return SPELLINGS.reduce((text, [pattern, spelling]) => text.replaceAll(pattern, spelling), sql);
}
