export { type DoctorSources, examineController } from './examine-controller.ts';
export { supportFile, tellableConfig } from './support-file.ts';
