import { fileURLToPath } from 'node:url';
import { Compiler } from '../../../agent/compiler/index.ts';
import { allRecipes } from '../../../deploy/reference/recipes.ts';
import { compileWithLibrary } from '../../agent/compiler/identifiers/compile-with-library.ts';
import { keepKernel } from '../../agent/compiler/identifiers/recorded-kernels.ts';
import { openWholeKernel, RECIPE_KERNELS } from './whole-kernels.ts';

/**
 * Writes the recordings again, from whole kernels: `node test/deploy/recipes/record.ts`. To be run when a
 * recipe or the library asks for more than the recordings have. A kernel that is not in the cache is booted
 * once.
 */
const FOLDER = fileURLToPath(new URL('kernels/', import.meta.url));

for (const [name, series, options] of RECIPE_KERNELS) {
  const recorded = await openWholeKernel(series, options);
  const compiler = new Compiler(recorded.input);
  for (const { path, program } of allRecipes()) {
    const error = compileWithLibrary(compiler, program);
    if (error) console.error(`${name}: ${path}: ${error.message}`);
  }
  keepKernel(name, recorded, FOLDER);
}
