export { enrol, type HostFolders, type NewHost } from './enrol.ts';
