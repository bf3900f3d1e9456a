export { judgeProgramEnd } from './loader-reply.ts';
export { ModuleLoader, type ModuleLoaderOptions, type ModuleLoadOptions } from './module-loader.ts';
