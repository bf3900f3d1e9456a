import { libraryHeaders } from '../../shared/assets/index.ts';
import { Library, withLibrary } from '../../shared/library/index.ts';

/** `program` with what it uses of this release's library before it. */
export function withOwnLibrary(program: string): string {
  return withLibrary(new Library(libraryHeaders()).select(program), program);
}
