export { judgeProgramEnd } from './loader-reply.ts';
export { ModuleLoader, type ModuleLoaderOptions } from './module-loader.ts';
