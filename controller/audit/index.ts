export {
  type CheckpointMaker,
  type CheckpointWitness,
  checkpointMaker,
  checkpointWitness,
} from './checkpoints/index.ts';
export { listAudit } from './list-audit.ts';
export {
  FINDING_KINDS,
  type Finding,
  type VerifyOptions,
  type VerifySummary,
  verifyStore,
} from './verify/index.ts';
