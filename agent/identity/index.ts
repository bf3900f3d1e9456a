export {
  HOST_KEY_FILE,
  type HostIdentity,
  type IdentityOptions,
  makeHostKey,
  openIdentity,
} from './host-identity.ts';
