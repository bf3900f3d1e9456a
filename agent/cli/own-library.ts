import { releasedLibrary } from '../../shared/assets/index.ts';
import { withLibrary } from '../../shared/library/index.ts';

/** `program` with what it uses of this release's library before it. */
export function withOwnLibrary(program: string): string {
  return withLibrary({ program, library: releasedLibrary().select(program) });
}
