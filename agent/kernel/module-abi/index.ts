export { type ModuleFileAbi, readModuleFile } from './module-file.ts';
export { hasModversions, type ModuleAbiSources, readModuleAbi } from './read-module-abi.ts';
