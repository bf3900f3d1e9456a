export { openSqliteAuditSource } from './audit-source.ts';
export { backupSqlite } from './backup-file.ts';
export { sqliteEngine } from './engine.ts';
export { openSqlite, openSqliteThread } from './open-sqlite.ts';
export { openReplayState, type ReplayKey, type ReplayState } from './replay-state.ts';
