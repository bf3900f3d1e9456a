export { openSqliteAuditSource } from './audit-source.ts';
export { sqliteEngine } from './engine.ts';
export { openSqlite } from './open-sqlite.ts';
export { type NoteKey, openScratch, type Scratch } from './replay-state.ts';
