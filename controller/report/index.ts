export { type HostCounter, hostCounter } from './group-hosts.ts';
export { listReport, type ReportDeps, reportRequest } from './report-request.ts';
export { type WatchDeps, watchRequest } from './watch-request.ts';
