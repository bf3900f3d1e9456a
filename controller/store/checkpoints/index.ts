export { type CheckpointStore, checkpointStoreOn, type StoredCheckpoint } from './checkpoint-store.ts';
