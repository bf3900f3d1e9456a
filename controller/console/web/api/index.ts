export type {
  CallDraft,
  Effect,
  Gate,
  KernelGroup,
  KnownKernel,
  OutcomeCount,
  PlanDraft,
  Policy,
  ReportKey,
  RequestState,
  Rollout,
  RolloutState,
  TypedValue,
  ValueNode,
  WaveSpec,
  WaveView,
} from '../../../../shared/messages/index.ts';
export type { Outcome } from '../../../../shared/outcome/index.ts';
export type * from '../../../views/index.ts';
export { ApiProvider } from './api-provider.ts';
export { get, post, whenSignedOut } from './client.ts';
export { ApiError, adviceFor, toApiError } from './errors.ts';
export { eventStream } from './event-stream.ts';
export { LiveChanges, type LiveState, type LiveStatus } from './live.ts';
export { type ApiUrl, urlOf } from './routes.ts';
export { type Loaded, useApi, useLiveStatus } from './use-api.ts';
