import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** Name of a value: its kind, and what it is about. */
export type ReplayKey = readonly [kind: string, ...about: (string | number)[]];

/**
 * What a replay of the audit log has rebuilt: more than memory should hold. Values are JSON. Values that were
 * not used lately lie in a temporary file, which SQLite removes by itself.
 */
export interface ReplayState {
  /** The value, to read and to change; a change is kept once `put` is called. */
  get<T extends object>(key: ReplayKey): T | undefined;
  put(key: ReplayKey, value: object): void;
  /** As `get`, and marks the value as visited. */
  visit<T extends object>(key: ReplayKey): T | undefined;
  /** Keys of all values of one kind that were never visited. */
  unvisited(kind: string): Iterable<ReplayKey>;
  close(): void;
}

interface Cached {
  value: object;
  visited: boolean;
  dirty: boolean;
}

/** How many values stay in memory; the others are in the file. */
const CACHED_LIMIT = 4096;

/** Opens a new, empty replay state. */
export function openReplayState(): ReplayState {
  // The empty name is a temporary database on the disk (sqlite.org/inmemorydb.html#temp_db).
  const database = new DatabaseSync('');
  database.exec(`
    pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -8192;
    create table replay (kind text, about text, value text not null, visited integer not null,
      primary key (kind, about)) strict, without rowid;
    begin;
  `);
  return replayStateOn(database);
}

function replayStateOn(database: DatabaseSync): ReplayState {
  const read = database.prepare('select value, visited from replay where kind = ? and about = ?');
  const write = database.prepare('insert or replace into replay values (?, ?, ?, ?)');
  const cache = new Map<string, Cached>();
  const flushOldest = (): void => {
    for (const [name, cached] of cache) {
      cache.delete(name);
      if (cached.dirty) writeRow(write, name, cached);
      if (cache.size <= CACHED_LIMIT / 2) return;
    }
  };
  const keep = (name: string, cached: Cached): void => {
    cache.delete(name);
    cache.set(name, cached);
    if (cache.size > CACHED_LIMIT) flushOldest();
  };
  const find = (key: ReplayKey): Cached | undefined => {
    const name = JSON.stringify(key);
    const known = cache.get(name);
    if (known) return known;
    const row = read.get(key[0], JSON.stringify(key.slice(1)));
    if (!row) return undefined;
    const cached = { value: JSON.parse(String(row['value'])), visited: row['visited'] === 1, dirty: false };
    keep(name, cached);
    return cached;
  };
  return {
    get: <T extends object>(key: ReplayKey) => find(key)?.value as T | undefined,
    put(key, value) {
      keep(JSON.stringify(key), { value, visited: find(key)?.visited ?? false, dirty: true });
    },
    visit<T extends object>(key: ReplayKey) {
      const cached = find(key);
      if (cached && !cached.visited) Object.assign(cached, { visited: true, dirty: true });
      return cached?.value as T | undefined;
    },
    *unvisited(kind) {
      for (const [name, cached] of cache) if (cached.dirty) writeRow(write, name, cached);
      cache.clear();
      const rows = database.prepare('select about from replay where kind = ? and visited = 0').iterate(kind);
      for (const { about } of rows) yield [kind, ...JSON.parse(String(about))];
    },
    close: () => database.close(),
  };
}

function writeRow(write: StatementSync, name: string, { value, visited }: Cached): void {
  const [kind, ...about] = JSON.parse(name) as ReplayKey;
  write.run(kind, JSON.stringify(about), JSON.stringify(value), visited ? 1 : 0);
}
