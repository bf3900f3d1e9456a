export {
  CHECKPOINTS_FILE,
  HELD_LIMIT,
  type HeldCheckpoints,
  readHeldCheckpoints,
  writeHeldCheckpoints,
} from './held-checkpoints.ts';
export { LatestCheckpoints, type LatestCheckpointsOptions } from './latest-checkpoints.ts';
