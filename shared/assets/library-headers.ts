import { readdirSync, readFileSync } from 'node:fs';

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
