export { type DoctorSources, examineHost, examineMachine } from './examine-host.ts';
export { supportFile } from './support-file.ts';
