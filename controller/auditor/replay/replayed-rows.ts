import type {
  AbortedProgress,
  HoldReason,
  RequestState,
  RolloutActionName,
  RolloutState,
  WaveState,
} from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import type { ApprovalDecision } from '../../store/index.ts';

/** The state of a host as the audit log tells it. Digests are hex, everywhere here. */
export interface ReplayedHost {
  readonly kid: string;
  readonly firstSeenMs: number;
  /** Of the facts that it said last, and when they came. */
  readonly facts: string;
  readonly signature: string;
  readonly factsMs: number;
}

/** Whether a host is held, by the log. */
export interface ReplayedHold {
  readonly kid: string;
  /** Null if it is not held. */
  readonly why: HoldReason | null;
  /** When it was held; null if it is not. */
  readonly heldMs: number | null;
  readonly acceptedMs: number | null;
}

/** A trust bundle as the log records it. */
export interface ReplayedTrust {
  readonly digest: string;
  readonly signers: readonly string[];
  readonly atMs: number;
}

/** The newest trust bundle up to the entry that was read last. */
export interface ReplayedNewestTrust {
  readonly version: number;
  readonly atMs: number;
}

/** A plan as the log records it. */
export interface ReplayedPlan {
  readonly digest: string;
  readonly madeBy: string;
  readonly hosts: number;
  readonly answered: number;
  readonly atMs: number;
}

/** An approval or rejection as the log records it. */
export interface ReplayedDecision {
  readonly approver: string;
  readonly decision: ApprovalDecision;
  readonly token: string;
  readonly atMs: number;
  readonly trust: number;
  /** The withdrawal of the decision; absent if it is in force. */
  readonly withdrawn?: ReplayedWithdrawal;
}

/** A withdrawal as the log records it: digest of its token. */
export interface ReplayedWithdrawal {
  readonly withdrawal: string;
  readonly atMs: number;
  readonly trust: number;
}

/** The newest epoch of a lease whose holders the log records. */
export interface ReplayedLease {
  readonly epoch: number;
}

/** An emergency as the audit log tells it, up to the entry that was read last. */
export interface ReplayedEmergency {
  readonly dueAtMs: number;
  readonly reviewers: number;
  readonly begunMs: number;
  readonly reviewedMs: number | null;
  readonly overdueMs: number | null;
  /** How many people reviewed it. */
  readonly reviews: number;
}

/** A review as the log records it. */
export interface ReplayedReview {
  readonly token: string;
  readonly verdict: 'accept' | 'object';
  readonly trust: number;
  readonly atMs: number;
}

/** An action of a person on a rollout as the log records it. */
export interface ReplayedAction {
  readonly action: RolloutActionName;
  readonly actor: string;
  readonly reason: string;
  readonly wave: number;
  /** Sorted; empty unless it is a retry. */
  readonly only: readonly Outcome[];
  readonly trust: number;
  readonly atMs: number;
}

/** An abort as the log records it. */
export interface ReplayedAbort {
  readonly aborter: string;
  readonly envelope: string;
  readonly trust: number;
  readonly madeMs: number;
  readonly publishedMs: number | null;
  readonly endedMs: number | null;
}

/** A host's statement that it obeys an abort, as the log records it. */
export interface ReplayedAbortStatement {
  readonly progress: AbortedProgress;
  readonly statement: string;
  readonly signature: string;
  readonly atMs: number;
}

/** The state of a request as the audit log tells it, up to the entry that was read last. */
export interface ReplayedRequest {
  readonly requester: string;
  readonly digest: string;
  /** Digest of its requester's token, and the trust bundle by which it was verified. */
  readonly token: string;
  readonly trust: number;
  readonly madeMs: number;
  /** How many it expects: those of the list that was frozen when it was made, and those that joined. */
  readonly hosts: number;
  /** How many of them joined late, and how many answered without being expected. */
  readonly joined: number;
  readonly answering: number;
  /** Digest of that list. */
  readonly expected: string;
  readonly settleAtMs: number;
  /** Number of the entry that records its making. */
  readonly createdSeq: number;
  state: RequestState;
  settled: number;
  counts: Partial<Record<Outcome, number>>;
  /** All that were made, withdrawn ones too. */
  decisions: readonly ReplayedDecision[];
  /** Attempts and waves that were ordered, as `1/2`. */
  ordered: string[];
}

/** The state of a rollout as the audit log tells it, up to the entry that was read last. */
export interface ReplayedRollout {
  readonly state: RolloutState;
  readonly wave: number;
  readonly attempt: number;
  readonly retried: 0 | 1;
  readonly reason: string;
  readonly answerWithinMs: number;
  readonly changedMs: number;
  readonly changedSeq: number;
  /** How many waves it has. */
  readonly waves: number;
}

/** The state of one wave as the audit log tells it. */
export interface ReplayedWave {
  readonly state: WaveState;
  readonly hosts: number;
  readonly from: number;
  readonly to: number;
  readonly watched: boolean;
  readonly startedMs: number | null;
  readonly answerByMs: number | null;
  readonly bakeUntilMs: number | null;
  readonly endedMs: number | null;
}

/** The state of an attempt as the audit log tells it. */
export interface ReplayedAttempt {
  readonly actor: string;
  readonly reason: string;
  readonly only: string;
  readonly madeMs: number;
}

/** How many hosts of a wave ended in an outcome, as their rows add up. */
export interface ReplayedWaveCount {
  readonly hosts: number;
  readonly unhealthy: number;
}

/** A host that a request expects since later. */
export interface ReplayedJoin {
  readonly wave: number;
  readonly kernelRelease: string;
  readonly arch: string;
  /** Number of the entry that records it. */
  readonly seq: number;
}

/** The state of one expected host as the audit log tells it. */
export interface ReplayedHostOutcome {
  /** Null if it is to try again. */
  readonly outcome: Outcome | null;
  /** Whether a result of the host says so. */
  readonly bySelf: boolean;
  /** Number of the last entry about it. */
  readonly lastSeq: number;
  readonly attempt: number;
  readonly unhealthy: string | null;
  /** The wave that an entry says it is in; absent where none does. */
  readonly wave?: number | undefined;
}

/** The summary of a host's result that reports show. It comes from the row of the host, not from the log. */
export interface ShownSummary {
  readonly text: string;
}

/** The state of an order as the audit log tells it. */
export interface ReplayedOrder {
  readonly requestId: string;
  readonly attempt: number;
  readonly wave: number;
  readonly envelope: string;
  readonly trust: number;
  readonly madeMs: number;
  publishedMs: number | null;
  /** The decisions that the store had when the order was made. */
  readonly decisions: readonly ReplayedDecision[];
}

/** The state of a result as the audit log tells it. */
export interface ReplayedResult {
  readonly result: string;
  readonly signature: string;
  readonly outcome: Outcome;
  readonly atMs: number;
}

/** The expected hosts of a request as their rows add up. */
export interface ExpectedRowsSum {
  readonly rows: number;
  readonly settled: number;
  /** Of those that did not join later. */
  readonly digest: string;
}

/** An enrolment as the log records it. */
export interface ReplayedEnrolment {
  readonly host: string;
  readonly labels: string;
  /** Id of the key of its token. */
  readonly key: string;
  /** Digest of the approver's token, and the trust bundle by which it was verified. */
  readonly token: string;
  readonly trust: number;
  readonly madeBy: string;
  readonly madeMs: number;
  readonly expiresAtMs: number;
  readonly usedMs: number | null;
  readonly revokedMs: number | null;
  /** Who revoked it, digest of their token, and the trust bundle by which that was verified. */
  readonly revocation?: { readonly by: string; readonly token: string; readonly trust: number };
}

/** The keys of a host by one enrolment, as the log records them. */
export interface ReplayedHostKeys {
  readonly host: string;
  readonly kid: string;
  readonly nkey: string;
  readonly labels: string;
  /** How often the labels were changed, and each change of them with those who signed for it. */
  readonly labelChanges: readonly ReplayedLabelChange[];
  readonly enrolledMs: number;
  readonly endedMs: number | null;
  /** Present if the host was removed: by which trust bundle, and when. */
  readonly removed?: { readonly trust: number; readonly atMs: number };
}

/** A change of the labels of a host as the log records it. */
export interface ReplayedLabelChange {
  readonly number: number;
  /** JSON. */
  readonly labels: string;
  readonly trust: number;
  readonly atMs: number;
}

/** A signature for other labels of a host as the log records it. */
export interface ReplayedHostLabels {
  readonly host: string;
  readonly kid: string;
  readonly number: number;
  /** JSON: those that it signs for, and those that the host had then. */
  readonly labels: string;
  readonly before: string;
  readonly trust: number;
  readonly atMs: number;
  /** Present if the host got the labels by it and others: by which trust bundle, and when. */
  readonly counted?: { readonly trust: number; readonly atMs: number };
}

/** A signature for the removal of a host as the log records it. */
export interface ReplayedHostRemoval {
  readonly host: string;
  readonly kid: string;
  /** JSON: those that the host had then. */
  readonly labels: string;
  readonly trust: number;
  readonly atMs: number;
  /** Present if the host was removed by it and others: by which trust bundle, when, and with which labels. */
  readonly removed?: Pick<ReplayedHostRemoval, 'labels' | 'trust' | 'atMs'>;
}

/** The people whose signatures for a removal, or a change of labels, were valid when it counted. */
export interface VerifiedSigners {
  readonly names: readonly string[];
}

/** By which enrolment a host has its keys, up to the entry that was read last; empty where it is no host. */
export interface ReplayedActiveKeys {
  readonly enrolment: string;
}

/**
 * A key by which a host's statements are verified, once its rows agreed with the log, and when it counted.
 */
export interface VerifiedHostKey {
  readonly publicJwk: string;
  readonly times: readonly { readonly fromMs: number; readonly toMs: number | null }[];
}

/** A signature of a module as the log records it. */
export interface ReplayedModuleSignature {
  readonly facts: string;
  readonly key: string;
  readonly signature: string;
  readonly atMs: number;
}

/** Facts of a kernel as the log records them. */
export interface ReplayedKernelFacts {
  readonly host: string;
  readonly lines: number;
  readonly atMs: number;
}

/** A lock as the log records it. */
export interface ReplayedLock {
  /** JSON. */
  readonly kids: string;
  readonly reason: string;
  readonly lockedBy: string;
  /** Digest of the token by which it was set, and the trust bundle by which that was verified. */
  readonly token: string;
  readonly trust: number;
  readonly endedBy: string | null;
  readonly endedMs: number | null;
  /** How it ended: why, digest of the token, and the trust bundle by which that was verified. */
  readonly end: {
    readonly reason: string;
    readonly token: string;
    readonly trust: number;
    readonly labels: string;
  } | null;
  /** The labels that the host had when it was set, as JSON; those of no host are `{}`. */
  readonly labels: string;
}

/** A person let a held host go on, as the log records it. */
export interface ReplayedAcceptance {
  readonly kid: string;
  readonly heldMs: number;
  readonly reason: string;
  /** The labels that the host had then, as JSON. */
  readonly labels: string;
  readonly trust: number;
  readonly atMs: number;
}

/** When the lock that stands was set, up to the entry that was read last; 0 where none stands. */
export interface ReplayedActiveLock {
  readonly atMs: number;
}

/** How far a witness has come. */
export interface ReplayedWitness {
  readonly seq: number;
}
