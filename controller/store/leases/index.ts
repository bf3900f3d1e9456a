export { holdLease } from './hold-lease.ts';
export {
  type HeldLease,
  type LeaseOptions,
  type LeaseStore,
  leaseStoreOn,
  requireLease,
  rolloutLease,
} from './lease-store.ts';
