import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The address of the worker thread `name`, in the folder of the caller, whose `import.meta.url` is `from`. It
 * is a .ts file in a checkout, and a .js file where `npm run build` has bundled the sources.
 */
export function workerUrl(name: string, from: string): URL {
  return new URL(`./${name}${extname(from)}`, from);
}

/**
 * The path of the program `name`, which a process of its own runs; otherwise as {@link workerUrl}.
 */
export function programPath(name: string, from: string): string {
  return fileURLToPath(workerUrl(name, from));
}

/**
 * The path of the folder with the console's page, for a caller in controller/ whose `import.meta.url` is
 * `from`: in a checkout or in a release.
 */
export function consoleAssets(from: string): string {
  return fileURLToPath(new URL(extname(from) === '.ts' ? '../../dist/console' : '../../console', from));
}
