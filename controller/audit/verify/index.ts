export { FINDING_KINDS, type Finding } from './finding.ts';
export { type TrustHistory, trustHistory, trustHistoryFromFiles } from './trust-history.ts';
export { type VerifyOptions, type VerifySummary, verifyStore } from './verify-store.ts';
