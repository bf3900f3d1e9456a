export { openPostgresAuditSource } from './audit-source.ts';
export { type ListenerReport, postgresEngine } from './engine.ts';
export type { PostgresOptions, PostgresTls } from './options.ts';
