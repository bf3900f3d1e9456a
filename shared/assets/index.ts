export { consoleAssets, programPath, workerUrl } from './asset-paths.ts';
export { libraryHeaders } from './library-headers.ts';
