export {
  type HeldLease,
  type LeaseStore,
  type LeaseWish,
  leaseStoreOn,
  requireLease,
  rolloutLease,
} from './lease-store.ts';
