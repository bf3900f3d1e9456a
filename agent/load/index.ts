export { ModuleLoader, type ModuleLoaderOptions } from './module-loader.ts';
