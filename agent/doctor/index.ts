export { type DoctorSources, examineHost } from './examine-host.ts';
export type { Finding, Verdict } from './finding.ts';
export { supportFile } from './support-file.ts';
