export { type LogSource, ModuleLoader, type ModuleLoaderOptions } from './module-loader.ts';
