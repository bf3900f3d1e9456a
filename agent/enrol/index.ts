export { enrol, type HostFolders, type NewHost, type NewPolicy } from './enrol.ts';
export type { PolicyFile } from './host-files.ts';
export { hostKeys } from './host-keys.ts';
