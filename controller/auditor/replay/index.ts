export { AUDIT_FINDING_KINDS, type AuditFinding } from './audit-finding.ts';
export { compareCheckpoint } from './compare-checkpoint.ts';
export { compareStatement } from './compare-statement.ts';
export {
  findingReporter,
  isLogged,
  parseJson,
  type ReportFinding,
  replayKey,
  type TableCheck,
  trustedAt,
  type VerifyContext,
  type WitnessedPosition,
} from './context.ts';
export { type LogEnd, replayLog } from './replay-log.ts';
export type { ReplaySink } from './replayed-entry.ts';
export type {
  ExpectedRowsSum,
  ReplayedAbort,
  ReplayedAbortStatement,
  ReplayedAcceptance,
  ReplayedAction,
  ReplayedAttempt,
  ReplayedDecision,
  ReplayedEmergency,
  ReplayedEnrolment,
  ReplayedHold,
  ReplayedHost,
  ReplayedHostKeys,
  ReplayedHostLabels,
  ReplayedHostOutcome,
  ReplayedHostRemoval,
  ReplayedJoin,
  ReplayedKernelFacts,
  ReplayedLabelChange,
  ReplayedLease,
  ReplayedLock,
  ReplayedModuleSignature,
  ReplayedOrder,
  ReplayedPlan,
  ReplayedRequest,
  ReplayedResult,
  ReplayedReview,
  ReplayedRollout,
  ReplayedTrust,
  ReplayedWave,
  ReplayedWaveCount,
  ReplayedWithdrawal,
  ShownSummary,
  VerifiedHostKey,
  VerifiedSigners,
} from './replayed-rows.ts';
export { newestBundle, readTrustHistory, type TrustedVersion } from './trust-history.ts';
