export {
  HOST_KEY_FILE,
  type HostIdentity,
  hasHostKey,
  type IdentityOptions,
  makeHostKey,
  openIdentity,
} from './host-identity.ts';
export { noteJoining } from './joining.ts';
