export { AUDIT_FINDING_KINDS, type AuditFinding, newestBundle } from './replay/index.ts';
export { hostStatementVerifier } from './statements/index.ts';
export { type VerifyOptions, type VerifySummary, verifyStore } from './verify-store.ts';
