export {
  type CheckpointMaker,
  type CheckpointWitness,
  checkpointMaker,
  checkpointWitness,
  readCheckpoint,
  readCheckpointFile,
} from './checkpoints/index.ts';
export { listAudit } from './list-audit.ts';
