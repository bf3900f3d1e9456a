import { releasedLibrary } from '../../../shared/assets/index.ts';
import type { ProgramParts } from '../../../shared/library/index.ts';

/**
 * The member of a draft with what `program` uses of this release's library; none where it uses nothing.
 *
 * Threat: a controller adds a library of its own words to a program. So the requester's command line takes
 * it from its own release, and signs no request with another one: see {@link hasLibraryOf}.
 */
export function releasedLibraryOf(program: string): { readonly library?: string } {
  const library = releasedLibrary().select(program);
  return library === '' ? {} : { library };
}

/** Whether what the controller made goes with the very library of the draft. */
export function hasLibraryOf({ library: wanted }: ProgramParts, { library: made }: ProgramParts): boolean {
  return made === wanted;
}
