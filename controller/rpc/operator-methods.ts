import {
  abortSubmissionCodec,
  actionSubmissionCodec,
  approvalSubmissionCodec,
  auditEntryViewCodec,
  auditQueryCodec,
  callDraftCodec,
  checkpointQueryCodec,
  checkpointViewCodec,
  completionListCodec,
  completionQueryCodec,
  consoleAddressCodec,
  consoleCodeQueryCodec,
  controllerStatusCodec,
  emergenciesQueryCodec,
  emergencyListCodec,
  enrolmentListCodec,
  enrolmentRevocationCodec,
  enrolmentSubmissionCodec,
  enrolmentsQueryCodec,
  enrolmentViewCodec,
  functionListCodec,
  functionsQueryCodec,
  hostAcceptanceSubmissionCodec,
  hostAcceptedCodec,
  hostLabelsSubmissionCodec,
  hostLabelsViewCodec,
  hostRefCodec,
  hostRemovalSubmissionCodec,
  hostRemovalViewCodec,
  hostReportCodec,
  hostsQueryCodec,
  hostViewCodec,
  kernelListCodec,
  kernelsQueryCodec,
  lockListCodec,
  lockSubmissionCodec,
  locksQueryCodec,
  lockViewCodec,
  type MessageCodec,
  planDraftCodec,
  planEventCodec,
  planRefCodec,
  planViewCodec,
  preparedRequestCodec,
  programCheckCodec,
  programDiagnosticsCodec,
  reportListQueryCodec,
  reportQueryCodec,
  reportViewCodec,
  requestEventCodec,
  requestListCodec,
  requestRefCodec,
  requestSubmissionCodec,
  requestsQueryCodec,
  requestViewCodec,
  reviewSubmissionCodec,
  rowsPageCodec,
  rowsQueryCodec,
  signedBundleCodec,
  statementSubmissionCodec,
  statementTakenCodec,
  statusQueryCodec,
  trustFetchCodec,
  trustPublishedCodec,
  trustReplyCodec,
  watchQueryCodec,
  withdrawalSubmissionCodec,
} from '../../shared/messages/index.ts';

/** One method of the operator API: both sides send bytes through these codecs. */
export interface OperatorMethod<Request, Reply, Streams extends boolean> {
  readonly path: string;
  readonly request: MessageCodec<Request>;
  readonly reply: MessageCodec<Reply>;
  /** Whether the reply is a stream of messages. */
  readonly streams: Streams;
}

function method<Request, Reply, Streams extends boolean>(
  name: string,
  request: MessageCodec<Request>,
  reply: MessageCodec<Reply>,
  streams: Streams,
): OperatorMethod<Request, Reply, Streams> {
  return { path: `/farcall.v1.Operator/${name}`, request, reply, streams };
}

/** The service `Operator` of proto/farcall/v1/operator.proto; the two must agree. */
export const OPERATOR_METHODS = {
  prepareRequest: method('PrepareRequest', callDraftCodec, preparedRequestCodec, false),
  createRequest: method('CreateRequest', requestSubmissionCodec, requestViewCodec, false),
  planCall: method('PlanCall', planDraftCodec, planEventCodec, true),
  getPlan: method('GetPlan', planRefCodec, planViewCodec, false),
  getRequest: method('GetRequest', requestRefCodec, requestViewCodec, false),
  listRequests: method('ListRequests', requestsQueryCodec, requestListCodec, false),
  submitApproval: method('SubmitApproval', approvalSubmissionCodec, requestViewCodec, false),
  withdrawApproval: method('WithdrawApproval', withdrawalSubmissionCodec, requestViewCodec, false),
  abortRequest: method('AbortRequest', abortSubmissionCodec, requestViewCodec, false),
  submitReview: method('SubmitReview', reviewSubmissionCodec, requestViewCodec, false),
  listEmergencies: method('ListEmergencies', emergenciesQueryCodec, emergencyListCodec, false),
  submitAction: method('SubmitAction', actionSubmissionCodec, requestViewCodec, false),
  watchRequest: method('WatchRequest', watchQueryCodec, requestEventCodec, true),
  getReport: method('GetReport', reportQueryCodec, reportViewCodec, false),
  listReport: method('ListReport', reportListQueryCodec, hostReportCodec, true),
  listRows: method('ListRows', rowsQueryCodec, rowsPageCodec, true),
  listHosts: method('ListHosts', hostsQueryCodec, hostViewCodec, true),
  listAudit: method('ListAudit', auditQueryCodec, auditEntryViewCodec, true),
  getCheckpoint: method('GetCheckpoint', checkpointQueryCodec, checkpointViewCodec, false),
  submitStatement: method('SubmitStatement', statementSubmissionCodec, statementTakenCodec, false),
  getTrust: method('GetTrust', trustFetchCodec, trustReplyCodec, false),
  publishTrust: method('PublishTrust', signedBundleCodec, trustPublishedCodec, false),
  openConsole: method('OpenConsole', consoleCodeQueryCodec, consoleAddressCodec, false),
  createEnrolment: method('CreateEnrolment', enrolmentSubmissionCodec, enrolmentViewCodec, false),
  listEnrolments: method('ListEnrolments', enrolmentsQueryCodec, enrolmentListCodec, false),
  revokeEnrolment: method('RevokeEnrolment', enrolmentRevocationCodec, enrolmentViewCodec, false),
  getHostRemoval: method('GetHostRemoval', hostRefCodec, hostRemovalViewCodec, false),
  removeHost: method('RemoveHost', hostRemovalSubmissionCodec, hostRemovalViewCodec, false),
  getHostLabels: method('GetHostLabels', hostRefCodec, hostLabelsViewCodec, false),
  signHostLabels: method('SignHostLabels', hostLabelsSubmissionCodec, hostLabelsViewCodec, false),
  lock: method('Lock', lockSubmissionCodec, lockViewCodec, false),
  unlock: method('Unlock', lockSubmissionCodec, lockViewCodec, false),
  listLocks: method('ListLocks', locksQueryCodec, lockListCodec, false),
  acceptHost: method('AcceptHost', hostAcceptanceSubmissionCodec, hostAcceptedCodec, false),
  listKernels: method('ListKernels', kernelsQueryCodec, kernelListCodec, false),
  listFunctions: method('ListFunctions', functionsQueryCodec, functionListCodec, false),
  checkProgram: method('CheckProgram', programCheckCodec, programDiagnosticsCodec, false),
  completeProgram: method('CompleteProgram', completionQueryCodec, completionListCodec, false),
  getStatus: method('GetStatus', statusQueryCodec, controllerStatusCodec, false),
} as const;

/** Name of a method. */
export type OperatorMethodName = keyof typeof OPERATOR_METHODS;

/** The decoded request of a method. */
export type RequestOf<N extends OperatorMethodName> = ReturnType<
  (typeof OPERATOR_METHODS)[N]['request']['decode']
>;

/** The decoded reply of a method, or each message of a stream. */
export type ReplyOf<N extends OperatorMethodName> = ReturnType<
  (typeof OPERATOR_METHODS)[N]['reply']['decode']
>;
