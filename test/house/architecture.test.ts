import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from './imports.ts';

/** The folders that ARCHITECTURE.md lists in "The house", as paths, by their indentation. */
function foldersIn(markdown: string): string[] {
  const [, house = ''] = /## The house\n([\s\S]*?)\n## /.exec(markdown) ?? [];
  const above: string[] = [];
  return house.split('\n').flatMap(line => {
    const [, indent = '', names = ''] = /^ {4}( *)((?:[a-z][a-z0-9-]*\/ ?)+)/.exec(line) ?? [];
    const depth = indent.length / 2;
    const paths = names
      .split(' ')
      .filter(name => name !== '')
      .map(name => [...above.slice(0, depth), name].join(''));
    if (names !== '') above.splice(depth, above.length, names.split(' ')[0]!);
    return paths;
  });
}

describe('the house', () => {
  const listed = foldersIn(readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8'));

  test('ARCHITECTURE.md lists only folders that exist', () => {
    expect(listed.length).toBeGreaterThan(60);
    expect(listed.filter(folder => !existsSync(join(ROOT, folder)))).toEqual([]);
  });

  test.each(['agent', 'agent/compiler', 'controller', 'shared'])(
    'ARCHITECTURE.md lists every folder of %s',
    folder => {
      const rooms = readdirSync(join(ROOT, folder), { withFileTypes: true })
        .filter(entry => entry.isDirectory())
        .map(entry => `${folder}/${entry.name}/`);
      expect(rooms.filter(room => !listed.includes(room))).toEqual([]);
    },
  );

  test('the folders of ARCHITECTURE.md are read by their indentation', () => {
    const page = '## The house\n\n    a/   one\n      b/ c-d/   two\n        e/   three\n    f/\n\n## Next\n';
    expect(foldersIn(page)).toEqual(['a/', 'a/b/', 'a/c-d/', 'a/b/e/', 'f/']);
  });
});
