export { buildModule, type ModuleInput } from './build-module.ts';
export { type FaultHandler, faultHandler } from './exception-table.ts';
export { initFunctionNames } from './init-functions.ts';
export { type StructModuleLayout, structModuleLayout } from './struct-module.ts';
