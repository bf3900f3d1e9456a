import type { CallDraft, PlanDraft } from '../../../shared/messages/index.ts';
import type {
  AuditJson,
  HostListJson,
  HostRemovalInput,
  HostRemovalJson,
  KernelListJson,
  ProbeListJson,
  SelectionJson,
  SignedRemovalInput,
  TrustJson,
} from './fleet.ts';
import type { PlanJson } from './plans.ts';
import type { CheckJson, CompletionsJson, FunctionsJson } from './programs.ts';
import type { RequestJson, RequestListJson, ReviewListJson, TimelineJson } from './requests.ts';
import type { HostResultJson, HostResultPageJson, ReportJson, RowsJson } from './results.ts';
import type {
  AssertionJson,
  ChallengeJson,
  ErrorReplyJson,
  MeJson,
  PreparedRequestJson,
  ProposalInput,
  RegistrationJson,
  RequestSubmissionInput,
  SignedProposalInput,
  SigningProposalJson,
} from './session.ts';

/** The topics that can change while a page is open. */
export type ChangeKind = 'requests' | 'hosts' | 'trust';

/** A kernel build of the fleet. */
export interface KernelInput {
  readonly release: string;
  readonly version?: string | undefined;
  readonly arch: string;
}

type Empty = Readonly<Record<string, never>>;

/**
 * The console's API for people who are signed in: `METHOD PATH` below /api, with `:name` for the variable
 * parts of the path. `body` is what the page posts; the server replies `reply` as JSON, or sends `events`
 * (HTML, section 9.2, "Server-sent events"), each with its name and data. The server's table of handlers and
 * the page's calls are both typed by this interface.
 */
export interface ConsoleApi {
  'GET requests': { reply: RequestListJson };
  'POST requests/prepare': { body: CallDraft; reply: PreparedRequestJson };
  'POST requests': { body: RequestSubmissionInput; reply: RequestJson };
  'GET reviews': { reply: ReviewListJson };
  'GET requests/:id': { reply: RequestJson };
  'GET requests/:id/events': { events: { request: RequestJson; host: HostResultJson; end: Empty } };
  'GET requests/:id/report': { reply: ReportJson };
  'GET requests/:id/rows': { reply: RowsJson };
  'GET requests/:id/hosts': { reply: HostResultPageJson };
  'GET requests/:id/hosts/:host': { reply: HostResultJson };
  'GET requests/:id/timeline': { reply: TimelineJson };
  'POST requests/:id/sign/challenge': { body: ProposalInput; reply: SigningProposalJson };
  'POST requests/:id/sign': { body: SignedProposalInput; reply: RequestJson };
  'POST plans': {
    body: PlanDraft;
    events: { progress: { readonly asked: number; readonly answered: number }; plan: PlanJson };
  };
  'GET plans/:id': { reply: PlanJson };
  'GET hosts': { reply: HostListJson };
  'GET probes': { reply: ProbeListJson };
  'GET hosts/:host/removal': { reply: HostRemovalJson };
  'POST hosts/:host/removal/challenge': { body: HostRemovalInput; reply: SigningProposalJson };
  'POST hosts/:host/removal': { body: SignedRemovalInput; reply: HostRemovalJson };
  'POST selector': { body: { readonly selector: string }; reply: SelectionJson };
  'GET audit': { reply: AuditJson };
  'GET trust': { reply: TrustJson };
  'GET kernels': { reply: KernelListJson };
  'GET functions': { reply: FunctionsJson };
  'POST check': { body: { readonly program: string; readonly kernel: KernelInput }; reply: CheckJson };
  'POST complete': {
    body: { readonly program: string; readonly offset: number; readonly kernel: KernelInput };
    reply: CompletionsJson;
  };
  'GET events': {
    events: {
      ready: Empty;
      /** Every two seconds: the controller is there. With what it cannot do now, line by line. */
      alive: { readonly troubles: readonly string[] };
      changed: { readonly kinds: readonly ChangeKind[] };
    };
  };
}

/** The part of the API for people who are not signed in yet; also `GET session` and `POST sign-out`. */
export interface SignInApi {
  'GET session': { reply: MeJson | ErrorReplyJson };
  'POST sign-out': { body: Empty; reply: Empty };
  'POST sign-in/challenge': {
    body: Empty;
    reply: ChallengeJson & { readonly credentialIds: readonly string[] };
  };
  'POST sign-in/passkey': { body: AssertionJson; reply: MeJson };
  'POST sign-in/code': { body: { readonly code: string }; reply: MeJson };
  'POST passkey/challenge': { body: Empty; reply: ChallengeJson };
  'POST passkey/register': { body: RegistrationJson; reply: { readonly file: object } };
}

/** Events that any stream may end with: an error, or the end of the session. */
export interface LastEvents {
  error: ErrorReplyJson;
  bye: Empty;
}

/** One event of a stream whose events are `Events`: its name, and its data. */
export type EventOf<Events> = {
  [Name in keyof Events]: { readonly event: Name; readonly data: Events[Name] };
}[keyof Events];
