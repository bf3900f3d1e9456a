export { CheckpointKeeper, type CheckpointKeeperOptions } from './checkpoint-keeper.ts';
export {
  CHECKPOINTS_FILE,
  HELD_LIMIT,
  type HeldCheckpoints,
  readHeldCheckpoints,
  writeHeldCheckpoints,
} from './held-checkpoints.ts';
