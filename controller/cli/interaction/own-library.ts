import { libraryHeaders } from '../../../shared/assets/index.ts';
import { Library } from '../../../shared/library/index.ts';

let library: Library | undefined;

/** The library of the release that this command line belongs to; it is read when it is first used. */
export function ownLibrary(): Library {
  library ??= new Library(libraryHeaders());
  return library;
}

/**
 * The member of a draft with what `program` uses of this release's library; none where it uses nothing.
 *
 * Threat: a controller adds a library of its own words to a program. So the requester's command line takes
 * it from its own release, and signs no request with another one.
 */
export function libraryOf(program: string): { readonly library?: string } {
  const library = ownLibrary().select(program);
  return library === '' ? {} : { library };
}
