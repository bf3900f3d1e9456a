export { FINDING_KINDS, type Finding } from './finding.ts';
export { type VerifyOptions, type VerifySummary, verifyStore } from './verify-store.ts';
