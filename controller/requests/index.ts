export { admitAnswering, admitLateJoiner, type JoinerDeps } from './admit-late-joiner.ts';
export { completeProgram, type ProgramSources } from './complete-program.ts';
export { type CreateRequestDeps, createRequest, type SignedRequest } from './create-request.ts';
export { listRequests } from './list-requests.ts';
export { noHostMatches, whyNoHostMatches } from './no-host-matches.ts';
export { prepareRequest } from './prepare-request.ts';
export { readPrelude } from './read-prelude.ts';
export { newRequestId } from './request-id.ts';
export { type KnownHost, knownHost, selectHosts } from './select-hosts.ts';
export {
  emergencyView,
  type SummaryDeps,
  summarizeRequest,
  type ViewDeps,
  viewRequest,
} from './view-request.ts';
