import { statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What start.cjs compares: for each source, by its path below `root`, size and time of the last change. */
export function sourceStamps(root, paths) {
  const stamps = {};
  for (const path of paths.map(path => relative(root, path)).sort()) {
    const { size, mtimeMs } = statSync(join(root, path));
    stamps[path] = [size, mtimeMs];
  }
  return stamps;
}
