export { get, post, postOf, whenSignedOut } from './client.ts';
export { ApiError, adviceFor, toApiError } from './errors.ts';
export { eventStream } from './event-stream.ts';
export { type ChangeKind, LiveChanges, type LiveState } from './live.ts';
export type * from './types.ts';
export { LiveContext, type Loaded, useApi, useLiveState } from './use-api.ts';
