export type { SinkStatus } from './sink-stream.ts';
export { type SinkSettings, sinksOf } from './sinks-of.ts';
export { type AuditSinks, startSinks } from './start-sinks.ts';
export { SYSLOG_FACILITIES, type SyslogFacility } from './syslog-message.ts';
