export {
  type HeartbeatStore,
  type HostHealthStatus,
  heartbeatStoreOn,
  type KernelHeartbeat,
  type ReceivedHeartbeat,
} from './heartbeat-store.ts';
export { issuedAtS, touchHosts } from './host-contacts.ts';
export {
  type HeldHost,
  type HostAcceptance,
  type HostHold,
  type HostJournalStore,
  hostJournalStoreOn,
  type JournalReport,
  type JournalStatement,
  type JournalVerdict,
} from './host-journal-store.ts';
export {
  activeKeys,
  type EnrolledHost,
  type HostKeyStore,
  hostKeyStoreOn,
  type KnownHost,
  type MacReader,
  setKeys,
} from './host-keys.ts';
export {
  type HostLabelsSignature,
  type HostLabelsStore,
  hostLabelsStoreOn,
  type LabelledHost,
  type NewHostLabels,
} from './host-labels-store.ts';
export {
  type HostRemovalSignature,
  type HostRemovalStore,
  hostRemovalStoreOn,
  type NewHostRemoval,
  type RemovableHost,
} from './host-removal-store.ts';
export {
  type CheckpointConflict,
  enrolledHosts,
  type HostRecord,
  type HostRegistration,
  type HostStore,
  hostOfRow,
  hostStoreOn,
  isFree,
  type RegistrationEffect,
} from './host-store.ts';
export { hostLockReasons, type JudgedLocks, judgeLocks } from './standing-locks.ts';
