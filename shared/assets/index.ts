export { consoleAssets, workerUrl } from './asset-paths.ts';
