export {
  type Complain,
  complainer,
  noteKey,
  parseJson,
  type TableCheck,
  type VerifyContext,
} from './context.ts';
export { FINDING_KINDS, type Finding } from './finding.ts';
export { judgeCheckpoint } from './judge-checkpoint.ts';
export type {
  AbortNote,
  AttemptNote,
  DecisionNote,
  EnrolmentNote,
  ExpectedRowsNote,
  FindingNote,
  HostKeyNote,
  HostKeysNote,
  HostNote,
  HostOutcomeNote,
  JoinedNote,
  KernelFactsNote,
  LeaseNote,
  ModuleSignatureNote,
  OrderNote,
  PlanNote,
  RequestNote,
  ResultNote,
  RolloutNote,
  TrustNote,
  WaveCountNote,
  WaveNote,
  WithdrawalNote,
} from './notes.ts';
export { type LogEnd, replayLog } from './replay-log.ts';
export type { Telling } from './replayed-entry.ts';
export { readTrustHistory, type TrustedVersion } from './trust-history.ts';
