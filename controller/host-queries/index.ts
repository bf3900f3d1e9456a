export { HostQueries, type HostQueriesDeps, type QueryReplies } from './host-queries.ts';
