export {
  type CheckpointMaker,
  type CheckpointWitness,
  checkpointMaker,
  checkpointWitness,
  readCheckpoint,
} from './checkpoints/index.ts';
export { type FollowAuditDeps, followAudit } from './follow-audit.ts';
export { auditEntryView, listAudit } from './list-audit.ts';
export { appendToken, readTokenFile } from './token-files/index.ts';
export { readStatement, type SubmitStatementDeps, submitStatement } from './witnesses/index.ts';
