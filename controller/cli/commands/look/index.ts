export { addConsole } from './console.ts';
export { addHosts } from './hosts.ts';
export { addInbox } from './inbox.ts';
export { addProbes } from './probes.ts';
export { addReport } from './report.ts';
export { HOSTS_SHOWN, reportLines } from './report-lines.ts';
export { addRequests } from './requests.ts';
export { addReviews } from './reviews.ts';
export { addTimeline } from './timeline.ts';
