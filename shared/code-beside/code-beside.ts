import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The entry `name` of a thread, beside the file whose `import.meta.url` is `from`: of the sources, or, where
 * `npm run build` has joined them to few files, of those.
 */
export function threadBeside(name: string, from: string): URL {
  return new URL(`./${name}${extname(from)}`, from);
}

/**
 * The folder of the console's page, as seen by the file at `from` in controller/: of a checkout, or of a
 * release.
 */
export function consolePage(from: string): string {
  return fileURLToPath(new URL(extname(from) === '.ts' ? '../../dist/console' : '../../console', from));
}
