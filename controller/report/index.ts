export { type WatchDeps, watchRequest } from './watch-request.ts';
