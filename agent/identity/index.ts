export type { HeldLabels } from './held-labels.ts';
export {
  HOST_KEY_FILE,
  type HostIdentity,
  hasHostKey,
  type IdentityOptions,
  makeHostKey,
  openIdentity,
} from './host-identity.ts';
export { noteJournal, recordJoinTime } from './join-time.ts';
