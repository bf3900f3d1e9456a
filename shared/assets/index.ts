export { consoleAssets, programPath, workerUrl } from './asset-paths.ts';
