export { programOnHost } from './program-on-host.ts';
export { WriteLog } from './write-log.ts';
