export { consoleAssets, programPath, workerUrl } from './asset-paths.ts';
export { libraryHeaders, releasedLibrary } from './library-headers.ts';
