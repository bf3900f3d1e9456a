export { compareVersions, minorDistance } from './compare.ts';
export { agentVersion } from './version.ts';
