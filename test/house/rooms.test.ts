import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type Import, importsBelow, ROOT } from './imports.ts';

const TOPS = ['agent', 'controller', 'shared', 'deploy'] as const;
const imports = TOPS.flatMap(importsBelow).filter(
  ({ from, to, isOurs }) => isOurs && dirname(from) !== dirname(to),
);

/** Most files that one folder may hold beside its subfolders. */
const FILES_LIMIT = 25;

/** Every group of two or more folders that import each other in a circle, directly or through others. */
function ringsOf(all: readonly Import[]): string[][] {
  const next = new Map<string, Set<string>>();
  for (const { from, to } of all) {
    if (!next.has(dirname(from))) next.set(dirname(from), new Set());
    next.get(dirname(from))!.add(dirname(to));
  }
  const reached = new Map([...next.keys()].map(folder => [folder, reachableFrom(folder, next)]));
  const inRings = [...next.keys()].filter(folder => reached.get(folder)!.has(folder));
  const rings = new Map<string, string[]>();
  for (const folder of inRings) {
    const ring = inRings
      .filter(other => reached.get(folder)!.has(other) && reached.get(other)!.has(folder))
      .sort();
    rings.set(ring.join(), ring);
  }
  return [...rings.values()];
}

function reachableFrom(start: string, next: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const seen = new Set<string>();
  const waiting = [...(next.get(start) ?? [])];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (seen.has(folder)) continue;
    seen.add(folder);
    waiting.push(...(next.get(folder) ?? []));
  }
  return seen;
}

test('no two folders import each other, directly or through other folders', () => {
  expect(ringsOf(imports)).toEqual([]);
});

test('a ring of three folders is found', () => {
  const step = (from: string, to: string): Import => ({
    from: `${from}/x.ts`,
    to: `${to}/x.ts`,
    isOurs: true,
  });
  expect(ringsOf([step('a', 'b'), step('b', 'c'), step('c', 'a'), step('c', 'd')])).toEqual([
    ['a', 'b', 'c'],
  ]);
});

test('no folder of the sources holds more files than one can look through', () => {
  const folders = TOPS.flatMap(top => [
    top,
    ...readdirSync(join(ROOT, top), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(entry => join(entry.parentPath, entry.name).slice(ROOT.length)),
  ]).filter(folder => !folder.includes('node_modules'));
  const crowded = folders.filter(
    folder =>
      readdirSync(join(ROOT, folder), { withFileTypes: true }).filter(
        entry => entry.isFile() && /\.tsx?$/.test(entry.name),
      ).length > FILES_LIMIT,
  );
  expect(crowded).toEqual([]);
});
