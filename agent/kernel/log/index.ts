export { type KernelLogReader, openKernelLog } from './kernel-log.ts';
export { parseKmsgRecord } from './parse-record.ts';
