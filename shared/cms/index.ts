export {
  type ModuleCertificate,
  type ModuleKeyAlgorithm,
  parseModuleCertificate,
  readModuleCertificate,
} from './certificate.ts';
export { type ModuleKey, type ModuleKeySource, openModuleKey } from './module-key.ts';
