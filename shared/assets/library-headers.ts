import { readdirSync, readFileSync } from 'node:fs';
import { Library } from '../library/index.ts';

const FOLDER = new URL('../../library/', import.meta.url);

/**
 * The headers of the library of this release, by the name that an `#include` gives them, such as
 * `linux/list.h`.
 */
export function libraryHeaders(): ReadonlyMap<string, string> {
  const names = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter(name =>
    name.endsWith('.h'),
  );
  return new Map(names.map(name => [name, readFileSync(new URL(name, FOLDER), 'utf8')]));
}

let library: Library | undefined;

/** The library of this release; it is read when it is first asked for. */
export function releasedLibrary(): Library {
  library ??= new Library(libraryHeaders());
  return library;
}
