export { type DoctorSources, examineHost } from './examine-host.ts';
export { supportFile } from './support-file.ts';
