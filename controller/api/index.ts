export { type Authenticator, authenticator, type Caller } from './authenticate.ts';
export { type OperatorDeps, operatorHandlers } from './operator-handlers.ts';
export { type ApiDeps, type ListeningApi, startApi } from './start-api.ts';
