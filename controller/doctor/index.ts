export { type DoctorSources, examineController } from './examine-controller.ts';
export { supportFile } from './support-file.ts';
