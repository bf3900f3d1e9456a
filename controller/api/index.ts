export { type Authenticator, authenticator, type Caller } from './authenticate.ts';
export { type CallerLimits, callerLimits } from './caller-limits.ts';
export type { Redeem } from './enrolment-service.ts';
export {
  type IssueConsoleCode,
  type OperatorDeps,
  type OperatorHandlers,
  operatorHandlers,
} from './operator-handlers.ts';
export { PERMISSIONS } from './permissions.ts';
export { type ApiDeps, type ApiTls, type ListeningApi, startApi } from './start-api.ts';
