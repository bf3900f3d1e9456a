export {
  type LockEnd,
  type Locked,
  type LockProof,
  type LockRecord,
  type LockStore,
  lockStoreOn,
  type NewLock,
  type StoredLocks,
} from './lock-store.ts';
