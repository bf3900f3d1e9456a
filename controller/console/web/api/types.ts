import type {
  CallRequest,
  CallResult,
  HostFacts,
  KernelGroup,
  PlanReply,
  ReportGroup,
  ReportKey,
  RequestState,
  RequestSummary,
  RequestView,
  RolloutView,
  WaveView,
} from '../../../../shared/messages/index.ts';
import type { Outcome } from '../../../../shared/outcome/index.ts';

export type {
  Effect,
  Gate,
  KernelGroup,
  OutcomeCount,
  Policy,
  ReportKey,
  RequestState,
  Rollout,
  TypedValue,
  ValueNode,
  WaveSpec,
  WaveView,
} from '../../../../shared/messages/index.ts';
export type { Outcome } from '../../../../shared/outcome/index.ts';

/** Who is signed in. */
export interface Me {
  readonly name: string;
  readonly roles: readonly string[];
  readonly way: 'passkey' | 'operator-key' | 'oidc';
  readonly passkeys: readonly { readonly credentialId: string }[];
  readonly expiresAtMs: number;
  readonly controller: string;
  readonly rpId: string;
  readonly trustVersion: number;
  readonly nowMs: number;
}

/** How one can sign in. */
export interface SignInWays {
  readonly passkeys: boolean;
  readonly oidc: boolean;
  readonly controller: string;
}

/** A line of the list of requests. */
export interface SummaryJson extends RequestSummary {
  readonly sums: Readonly<Record<string, number>>;
}

/** What the controller says of a request beside its bytes. */
export type Standing = Omit<RequestView, 'request'>;

/** A request: its members decoded by the controller, its bytes, and how it stands. */
export interface RequestJson extends Omit<CallRequest, 'planDigest' | 'expectedHostsDigest'> {
  readonly planDigest?: string;
  readonly expectedHostsDigest?: string;
  /** SHA-256 of the bytes as the controller says it, in hex. */
  readonly digest: string;
  /** The signed bytes, base64. */
  readonly bytes: string;
  readonly standing: Standing;
}

/** A result as a host signed it. */
export type ResultJson = Omit<CallResult, 'requestDigest'> & { readonly requestDigest: string };

/** How one expected host of a request stands. */
export interface HostResultJson {
  readonly host: string;
  readonly wave: number;
  readonly attempt: number;
  readonly kernelRelease: string;
  readonly arch: string;
  readonly outcome: Outcome | null;
  readonly saidBy: 'host' | 'controller';
  readonly errno?: string;
  readonly unhealthy?: string;
  readonly result: ResultJson | null;
  readonly lateResult: ResultJson | null;
}

/** The expected hosts of a request in groups. */
export interface ReportJson {
  readonly id: string;
  readonly state: RequestState;
  readonly sums: Readonly<Record<string, number>>;
  readonly matchingHosts: number;
  readonly groups: readonly (Omit<ReportGroup, 'outcome'> & { readonly outcome?: string })[];
  readonly otherGroups: number;
  readonly otherHosts: number;
}

/** What a filter of a report may name. */
export type FilterKey = Extract<
  ReportKey,
  'outcome' | 'value' | 'errno' | 'error' | 'kernel' | 'arch' | 'wave'
>;

/** One line of a time line. */
export interface MomentJson {
  readonly atMs: number;
  readonly kind: string;
  readonly actor: string;
  readonly text: string;
  readonly outcomes?: Readonly<Partial<Record<Outcome, number>>>;
  readonly untilMs?: number;
}

/** A host of the fleet. */
export interface HostJson extends Omit<HostFacts, 'labels'> {
  /** Those it was enrolled with. */
  readonly labels: Readonly<Record<string, string>>;
  /** Those it tells of itself. */
  readonly ownLabels?: Readonly<Record<string, string>>;
  readonly kid: string;
  readonly firstSeenAtMs: number;
  readonly lastSeenAtMs: number;
}

/** What a host says to a plan. */
export type PlanAnswerJson = Omit<PlanReply, 'protocol' | 'queryDigest'>;

/** A plan: every answer, and which kernels said the same. */
export interface PlanJson {
  readonly id: string;
  readonly digest: string;
  readonly madeBy: string;
  readonly madeAtMs: number;
  readonly selector: string;
  readonly program: string;
  readonly effect: string;
  readonly hosts: readonly string[];
  readonly expectedHosts: number;
  readonly kernels: readonly {
    readonly release: string;
    readonly version: string;
    readonly arch: string;
    readonly hosts: number;
    readonly asked: readonly string[];
  }[];
  readonly answers: readonly PlanAnswerJson[];
  readonly groups: readonly {
    readonly hosts: number;
    readonly kernels: readonly {
      readonly release: string;
      readonly version: string;
      readonly arch: string;
    }[];
    readonly answers: readonly { readonly hosts: readonly string[]; readonly wouldRun: boolean }[];
  }[];
}

/** An entry of the audit log. */
export interface AuditJson {
  readonly seq: number;
  readonly atMs: number;
  readonly kind: string;
  readonly actor: string;
  readonly requestId?: string;
  readonly host?: string;
  readonly detail: unknown;
  readonly hash: string;
}

/** Who is trusted with what. */
export interface TrustJson {
  readonly version: number;
  readonly expiresAtMs: number;
  readonly people: readonly {
    readonly name: string;
    readonly roles: readonly string[];
    readonly keys: readonly { readonly kid: string; readonly kind: 'file' | 'passkey' }[];
  }[];
  readonly policies: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** A kernel build of the fleet. */
export interface KernelJson {
  readonly release: string;
  readonly version: string;
  readonly arch: string;
  readonly hosts: number;
  /** Whether the controller knows its types and functions. */
  readonly known: boolean;
}

/** What is wrong with a program on one kernel. */
export interface DiagnosticJson {
  readonly severity: 'error' | 'warning';
  readonly line: number;
  readonly column: number;
  readonly endColumn?: number;
  readonly message: string;
  readonly code: string;
}

/** What a check says. */
export interface CheckJson {
  readonly diagnostics: readonly DiagnosticJson[];
  readonly resultType?: string;
  readonly effect?: string;
  readonly callees?: readonly string[];
}

/** What can stand at a place of a program. */
export interface CompletionsJson {
  readonly from: number;
  readonly items: readonly { readonly label: string; readonly kind: string; readonly detail: string }[];
}

/** Hosts that a selector matches. */
export interface SelectionJson {
  readonly hosts: number;
  readonly kernels: readonly KernelGroup[];
}

/** What a person signs by passkey: the server's proposal, which the page checks. */
export interface SigningJson {
  readonly act: SignedAct;
  readonly signingInput: string;
  readonly challenge: string;
  readonly credentialIds: readonly string[];
  readonly rpId: string;
}

/** What takes a person's signature. */
export type SignedAct = 'approve' | 'reject' | 'withdraw' | 'abort';

export type { RolloutView, WaveView as WaveJson };
