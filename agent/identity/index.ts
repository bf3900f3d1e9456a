export { HOST_KEY_FILE, type HostIdentity, type IdentityOptions, openIdentity } from './host-identity.ts';
