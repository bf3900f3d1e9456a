export { KernelLog, type NewRecords, openKernelLog } from './kernel-log.ts';
export { formatLogRecord, type LogRecord, parseLogRecord } from './log-record.ts';
export { beginsOops, type NoticedOops, OopsWatch } from './oops-watch.ts';
