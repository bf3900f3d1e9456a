export { PROGRAM_LIMIT_BYTES } from '../limits/index.ts';
export { MESSAGE_LIMIT_BYTES, type MessageCodec, messageCodec } from './codec.ts';
export * as fields from './fields.ts';
export { type HostFacts, hostFactsCodec, hostHelloCodec } from './host.ts';
export {
  AUDIT_LIMIT,
  type AuditEntryView,
  abortSubmissionCodec,
  approvalSubmissionCodec,
  auditEntryViewCodec,
  auditQueryCodec,
  type CallDraft,
  callDraftCodec,
  type DecisionView,
  FINAL_STATES,
  type HostReport,
  type HostView,
  hostsQueryCodec,
  hostViewCodec,
  type KernelGroup,
  LIFETIME_LIMIT_MS,
  type OutcomeCount,
  REQUEST_STATES,
  type RequestEvent,
  type RequestState,
  type RequestSummary,
  type RequestView,
  requestEventCodec,
  requestListCodec,
  requestRefCodec,
  requestsQueryCodec,
  requestViewCodec,
  watchQueryCodec,
  withdrawalSubmissionCodec,
} from './operator.ts';
export {
  type AbortEnvelope,
  abortEnvelopeCodec,
  type OrderEnvelope,
  orderEnvelopeCodec,
  ordersQueryCodec,
  ordersReplyCodec,
} from './order.ts';
export {
  type CallRequest,
  callRequestCodec,
  EFFECTS,
  type Effect,
  POLICIES,
  type Policy,
  PROTOCOL_VERSION,
} from './request.ts';
export {
  type CallResult,
  type CallTimings,
  callResultCodec,
  type OutcomeError,
  type ResultEnvelope,
  type ResultRow,
  resultCommittedCodec,
  resultEnvelopeCodec,
  type TypedValue,
} from './result.ts';
export {
  BUNDLE_LIMIT_BYTES,
  type SignedBundle,
  signedBundleCodec,
  type TrustReply,
  trustAskCodec,
  trustPublishedCodec,
  trustQueryCodec,
  trustReplyCodec,
} from './trust.ts';
