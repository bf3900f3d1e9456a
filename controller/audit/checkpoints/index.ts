export { type CheckpointMaker, checkpointMaker, type MakerDeps } from './checkpoint-maker.ts';
export { type CheckpointWitness, checkpointWitness, type WitnessDeps } from './checkpoint-witness.ts';
export { readCheckpoint } from './read-checkpoint.ts';
