import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of this checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** One import of one source file. Paths are relative to the top of the checkout. */
export interface Import {
  readonly from: string;
  /** A file of ours, or the name of a package as it is written. */
  readonly to: string;
  readonly isOurs: boolean;
}

/** All imports of the TypeScript files below `folder`, dynamic ones included. */
export function importsBelow(folder: string): Import[] {
  return sourcesBelow(folder).flatMap(from => {
    const text = readFileSync(join(ROOT, from), 'utf8');
    const specifiers = [...text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)'([^']+)'/gm)].map(
      match => match[1]!,
    );
    return specifiers.map(specifier => importOf(from, specifier));
  });
}

/** The TypeScript files below `folder`, relative to the top. */
export function sourcesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(
      path => /\.tsx?$/.test(path) && !path.includes('node_modules') && statSync(join(ROOT, path)).isFile(),
    );
}

function importOf(from: string, specifier: string): Import {
  if (!specifier.startsWith('.')) return { from, to: specifier, isOurs: false };
  return { from, to: relative(ROOT, resolve(ROOT, dirname(from), specifier)), isOurs: true };
}
