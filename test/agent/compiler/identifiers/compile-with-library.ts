import type { Compiler } from '../../../../agent/compiler/index.ts';
import { libraryHeaders } from '../../../../shared/assets/index.ts';
import { FarcallError } from '../../../../shared/errors/index.ts';
import { Library, withLibrary } from '../../../../shared/library/index.ts';

const LIBRARY = new Library(libraryHeaders());

/** `program`, compiled with what it uses of the library. */
export function compiledWithLibrary(compiler: Compiler, program: string) {
  return compiler.compileWithoutModule(
    withLibrary({ library: LIBRARY.select(program), program }),
    'farcall_test',
  );
}

/** Compiles `program` with what it uses of the library; the error, or undefined where there is none. */
export function compileWithLibrary(compiler: Compiler, program: string): FarcallError | undefined {
  try {
    compiledWithLibrary(compiler, program);
    return undefined;
  } catch (error) {
    if (error instanceof FarcallError && error.code !== 'INTERNAL') return error;
    throw error;
  }
}
