export { enrol, type HostFolders, type NewHost } from './enrol.ts';
export { hostKeys } from './host-keys.ts';
