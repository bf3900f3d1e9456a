export { readDenyCounts } from './deny-counts.ts';
export { type LeftModule, LeftModules, type LeftModulesOptions } from './left-modules.ts';
export type { LoadRefusalContext } from './load-refusal.ts';
export { classifyProgramEnd } from './loader-reply.ts';
export { ModuleLoader, type ModuleLoaderOptions, type ModuleLoadOptions } from './module-loader.ts';
