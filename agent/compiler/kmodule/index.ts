export { buildModule, type ModuleInput } from './build-module.ts';
export { type StructModuleLayout, structModuleLayout } from './struct-module.ts';
