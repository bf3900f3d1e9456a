export { KernelLog, type NewRecords, openKernelLog } from './kernel-log.ts';
export { formatLogRecord, type LogRecord, parseLogRecord } from './log-record.ts';
