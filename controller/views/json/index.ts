export type {
  ChangeKind,
  ConsoleApi,
  EventOf,
  KernelInput,
  LastEvents,
  SignInApi,
} from './api.ts';
export type {
  AuditEntryJson,
  AuditJson,
  HostJson,
  HostListJson,
  HostRemovalInput,
  HostRemovalJson,
  KernelListJson,
  PrincipalJson,
  ProbeJson,
  ProbeListJson,
  SelectionJson,
  SignedRemovalInput,
  TrustJson,
} from './fleet.ts';
export type { PlanGroupJson, PlanJson, PlanReplyJson } from './plans.ts';
export type { CheckJson, CompletionsJson, DiagnosticJson, FunctionsJson } from './programs.ts';
export type {
  RequestJson,
  RequestListJson,
  RequestStatusJson,
  RequestSummaryJson,
  ReviewListJson,
  SumsJson,
  TimelineEvent,
  TimelineJson,
} from './requests.ts';
export type {
  HostResultJson,
  HostResultPageJson,
  ReportGroupJson,
  ReportJson,
  ResultJson,
  RowsJson,
} from './results.ts';
export type {
  AssertionJson,
  ChallengeJson,
  ErrorJson,
  ErrorReplyJson,
  MeJson,
  PreparedRequestJson,
  ProposalInput,
  RegistrationJson,
  RequestSubmissionInput,
  SignableAction,
  SignedAction,
  SignedProposalInput,
  SignInMethod,
  SignInMethodsJson,
  SigningProposalJson,
} from './session.ts';
