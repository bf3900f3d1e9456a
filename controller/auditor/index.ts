export { FINDING_KINDS, type Finding } from './replay/index.ts';
export { statementChecker } from './statements/index.ts';
export { type VerifyOptions, type VerifySummary, verifyStore } from './verify-store.ts';
