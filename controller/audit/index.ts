export {
  type CheckpointMaker,
  type CheckpointWitness,
  checkpointMaker,
  checkpointWitness,
  readCheckpoint,
  readCheckpointFile,
} from './checkpoints/index.ts';
export { type FollowAuditDeps, followAudit } from './follow-audit.ts';
export { auditEntryView, listAudit } from './list-audit.ts';
