import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** What is loaded with `file`, before anything is imported in the course of its work: files and packages. */
function loadedWith(file: string, loaded = new Set<string>()): ReadonlySet<string> {
  if (loaded.has(file)) return loaded;
  loaded.add(file);
  const text = readFileSync(join(ROOT, file), 'utf8');
  for (const [, name] of text.matchAll(/^(?:import|export)\s+(?!type\b)[^;']*?\bfrom\s+'([^']+)';/gm)) {
    if (!name?.startsWith('.')) loaded.add(name ?? '');
    else loadedWith(relative(ROOT, join(ROOT, dirname(file), name)), loaded);
  }
  return loaded;
}

test('the completion of commands and options loads no package, and nothing outside of its folder', () => {
  const loaded = [...loadedWith('controller/cli/completion/index.ts')];
  expect(loaded.length).toBeGreaterThan(5);
  const strange = loaded.filter(
    name => !name.startsWith('controller/cli/completion/') && !name.startsWith('node:'),
  );
  expect(strange).toEqual([]);
});

test('the completion of names that a controller has loads no help and no tables', () => {
  const loaded = [...loadedWith('controller/cli/completion/controller-sources.ts')];
  expect(loaded).toContain('controller/cli/session/index.ts');
  const forPeople = ['controller/cli/help/', 'controller/cli/output/', 'controller/cli/core/'];
  expect(loaded.filter(name => forPeople.some(folder => name.startsWith(folder)))).toEqual([]);
  expect(loaded).not.toContain('commander');
});
