import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** Name of a note: of what kind it is, and about what. */
export type NoteKey = readonly [kind: string, ...about: (string | number)[]];

/**
 * Notes of a reader that has more to remember than memory should hold. Values are JSON; what was not looked at lately
 * lies in a temporary file that SQLite removes by itself.
 */
export interface Scratch {
  /** The note, for reading and for changing: a change is kept by `put`. */
  get<T extends object>(key: NoteKey): T | undefined;
  put(key: NoteKey, value: object): void;
  /** As `get`, and remembers that the note was met. */
  meet<T extends object>(key: NoteKey): T | undefined;
  /** Keys of the notes of one kind that were never met. */
  unmet(kind: string): Iterable<NoteKey>;
  close(): void;
}

interface Note {
  value: object;
  met: boolean;
  dirty: boolean;
}

/** Notes in memory; the rest is in the file. */
const CACHED = 4096;

/** New, empty notes. */
export function openScratch(): Scratch {
  // The empty name is a temporary database on the disk (sqlite.org/inmemorydb.html#temp_db).
  const database = new DatabaseSync('');
  database.exec(`
    pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -8192;
    create table notes (kind text, about text, value text not null, met integer not null,
      primary key (kind, about)) strict, without rowid;
    begin;
  `);
  return scratchOn(database);
}

function scratchOn(database: DatabaseSync): Scratch {
  const read = database.prepare('select value, met from notes where kind = ? and about = ?');
  const write = database.prepare('insert or replace into notes values (?, ?, ?, ?)');
  const cache = new Map<string, Note>();
  const flushOldest = (): void => {
    for (const [name, note] of cache) {
      cache.delete(name);
      if (note.dirty) writeNote(write, name, note);
      if (cache.size <= CACHED / 2) return;
    }
  };
  const remember = (name: string, note: Note): void => {
    cache.delete(name);
    cache.set(name, note);
    if (cache.size > CACHED) flushOldest();
  };
  const find = (key: NoteKey): Note | undefined => {
    const name = JSON.stringify(key);
    const cached = cache.get(name);
    if (cached) return cached;
    const row = read.get(key[0], JSON.stringify(key.slice(1)));
    if (!row) return undefined;
    const note = { value: JSON.parse(String(row['value'])), met: row['met'] === 1, dirty: false };
    remember(name, note);
    return note;
  };
  return {
    get: <T extends object>(key: NoteKey) => find(key)?.value as T | undefined,
    put(key, value) {
      remember(JSON.stringify(key), { value, met: find(key)?.met ?? false, dirty: true });
    },
    meet<T extends object>(key: NoteKey) {
      const note = find(key);
      if (note && !note.met) Object.assign(note, { met: true, dirty: true });
      return note?.value as T | undefined;
    },
    *unmet(kind) {
      for (const [name, note] of cache) if (note.dirty) writeNote(write, name, note);
      cache.clear();
      const rows = database.prepare('select about from notes where kind = ? and met = 0').iterate(kind);
      for (const { about } of rows) yield [kind, ...JSON.parse(String(about))];
    },
    close: () => database.close(),
  };
}

function writeNote(write: StatementSync, name: string, { value, met }: Note): void {
  const [kind, ...about] = JSON.parse(name) as NoteKey;
  write.run(kind, JSON.stringify(about), JSON.stringify(value), met ? 1 : 0);
}
