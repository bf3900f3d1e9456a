import { libraryHeaders } from '../../shared/assets/index.ts';
import { Library, withLibrary } from '../../shared/library/index.ts';

let library: Library | undefined;

/** `program` with what it uses of this release's library before it. */
export function withOwnLibrary(program: string): string {
  library ??= new Library(libraryHeaders());
  return withLibrary(library.select(program), program);
}
