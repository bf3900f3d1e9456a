export { buildModule, type ModuleInput } from './build-module.ts';
export { initFunctionNames } from './init-functions.ts';
export { type StructModuleLayout, structModuleLayout } from './struct-module.ts';
