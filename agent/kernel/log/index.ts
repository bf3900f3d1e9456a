export { KernelLog, type NewRecords, openKernelLog } from './kernel-log.ts';
export { formatLogRecord, type LogRecord, parseLogRecord } from './log-record.ts';
export { beginsOops, type DetectedOops, OopsDetector } from './oops-detector.ts';
