export {
  type LockEnd,
  type Locked,
  type LockProof,
  type LockRecord,
  type LockStore,
  lockStoreOn,
  type NewLock,
} from './lock-store.ts';
