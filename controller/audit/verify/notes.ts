import type { RequestState } from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import type { Decision } from '../../store/index.ts';

/** What the log says about a host. Digests are hex, everywhere here. */
export interface HostNote {
  readonly kid: string;
  readonly firstSeenMs: number;
  /** Of the facts that it said last, and when they came. */
  readonly facts: string;
  readonly signature: string;
  readonly factsMs: number;
}

/** A trust bundle as the log tells of it. */
export interface TrustNote {
  readonly digest: string;
  readonly signers: readonly string[];
  readonly atMs: number;
}

/** The newest trust bundle up to the entry that was read last. */
export interface NewestTrustNote {
  readonly version: number;
  readonly atMs: number;
}

/** An approval or rejection as the log tells of it. */
export interface DecisionNote {
  readonly approver: string;
  readonly decision: Decision;
  readonly token: string;
  readonly atMs: number;
  readonly trust: number;
  /** What took it back; absent where it stands. */
  readonly withdrawn?: WithdrawalNote;
}

/** A withdrawal as the log tells of it: digest of its token. */
export interface WithdrawalNote {
  readonly withdrawal: string;
  readonly atMs: number;
  readonly trust: number;
}

/** An abort as the log tells of it. */
export interface AbortNote {
  readonly aborter: string;
  readonly envelope: string;
  readonly trust: number;
  readonly madeMs: number;
  readonly publishedMs: number | null;
}

/** What the log says about a request, up to the entry that was read last. */
export interface RequestNote {
  readonly requester: string;
  readonly digest: string;
  readonly hosts: number;
  readonly expected: string;
  readonly settleAtMs: number;
  /** Number of the entry that tells of its making. */
  readonly createdSeq: number;
  state: RequestState;
  settled: number;
  counts: Partial<Record<Outcome, number>>;
  /** All that were made, those that were taken back too. */
  decisions: readonly DecisionNote[];
  attempts: number[];
}

/** What the log says about one expected host. */
export interface HostOutcomeNote {
  readonly outcome: Outcome;
  /** Whether the host said so itself; otherwise the controller did. */
  readonly ownWord: boolean;
  /** Number of the last entry about it. */
  lastSeq: number;
}

/** What the log says about an order. */
export interface OrderNote {
  readonly requestId: string;
  readonly attempt: number;
  readonly envelope: string;
  readonly trust: number;
  readonly madeMs: number;
  publishedMs: number | null;
  /** What the store had when it was made. */
  readonly decisions: readonly DecisionNote[];
}

/** What the log says about a result. */
export interface ResultNote {
  readonly result: string;
  readonly signature: string;
  readonly outcome: Outcome;
  readonly atMs: number;
}

/** The expected hosts of a request as their rows add up. */
export interface ExpectedRowsNote {
  readonly rows: number;
  readonly settled: number;
  readonly digest: string;
}

/** An enrolment as the log tells of it. */
export interface EnrolmentNote {
  readonly host: string;
  readonly labels: string;
  readonly replace: boolean;
  /** SHA-256 of its secret. */
  readonly secret: string;
  readonly madeBy: string;
  readonly madeMs: number;
  readonly expiresAtMs: number;
  readonly usedMs: number | null;
  readonly revokedMs: number | null;
}

/** The keys of a host by one enrolment, as the log tells of them. */
export interface HostKeysNote {
  readonly host: string;
  readonly kid: string;
  readonly nkey: string;
  readonly labels: string;
  readonly enrolledMs: number;
  readonly endedMs: number | null;
}

/** By which enrolment a host has its keys, up to the entry that was read last; empty where it is no host. */
export interface ActiveKeysNote {
  readonly enrolment: string;
}

/** A key by which a host's statements are verified, once its rows agreed with the log, and when it counted. */
export interface HostKeyNote {
  readonly publicJwk: string;
  readonly times: readonly { readonly fromMs: number; readonly toMs: number | null }[];
}

/** A signature of a module as the log tells of it. */
export interface ModuleSignatureNote {
  readonly facts: string;
  readonly key: string;
  readonly signature: string;
  readonly atMs: number;
}

/** Facts of a kernel as the log tells of them. */
export interface KernelFactsNote {
  readonly host: string;
  readonly lines: number;
  readonly atMs: number;
}
