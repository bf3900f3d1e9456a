import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { breachesIn, breachesOf, brokenLinksIn, filesBelow, ROOT } from './prose.ts';

const SOURCES = /\.(ts|tsx|mjs|css|html|proto|md)$/;

/** What states the rules cannot keep them. */
const STATES_THE_RULES = ['test/house/prose.ts', 'test/house/prose.test.ts'];

const PAGES = [
  ...filesBelow('docs', /\.md$/),
  ...['README.md', 'ARCHITECTURE.md', 'THREATS.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
];

const FOLDERS = ['agent', 'controller', 'shared', 'deploy', 'proto', 'tools', 'test'];

/** The first column of the tables of a page. */
function firstColumnOf(page: string): string[] {
  const cells = [...page.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = '']) => cell.trim());
  return cells.filter(cell => cell !== 'word' && !cell.startsWith('---'));
}

describe('plain English', () => {
  test.each(FOLDERS)(
    'comments and texts of %s/ are plain English, and comments keep within 110 columns',
    folder => {
      const files = filesBelow(folder, SOURCES).filter(file => !STATES_THE_RULES.includes(file));
      expect(files.flatMap(breachesIn)).toEqual([]);
    },
  );

  test('every page of documentation is plain English', () => {
    expect(PAGES.flatMap(breachesIn)).toEqual([]);
  });

  test('the rules of plain English find what they should find', () => {
    const rulesOf = (file: string, text: string) => breachesOf(file, text).map(({ rule }) => rule);
    expect(rulesOf('a.ts', '// It begins anew, for ever, for whoever asks; he waits..')).toHaveLength(5);
    expect(rulesOf('a.ts', '/** What {@link run} needs. */')).toEqual([
      'a docstring that only repeats a name',
    ]);
    expect(rulesOf('a.ts', `// ${'x'.repeat(108)}`)).toEqual(['a comment over 110 columns']);
    expect(rulesOf('a.ts', `// ${'x'.repeat(107)}`)).toEqual([]);
    expect(rulesOf('a.ts', "import { a } from '../../a.ts'; // [...all, 1..2], the, this, newest")).toEqual(
      [],
    );
    expect(rulesOf('a.md', 'Done..\n\n    anew in code\n\n`anew`\n')).toEqual(['two full stops']);
  });
});

describe('documentation', () => {
  test.each(PAGES)('relative links of %s lead somewhere', page => {
    expect(brokenLinksIn(page)).toEqual([]);
  });

  test('the README has at most 150 lines', () => {
    const lines = readFileSync(join(ROOT, 'README.md'), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(150);
  });

  test('every word of the glossary is in use, or planned', () => {
    const glossary = readFileSync(join(ROOT, 'docs/glossary.md'), 'utf8');
    const [inUse = '', planned = ''] = glossary.split('\n## Planned\n');
    const words = firstColumnOf(inUse).flatMap(cell => cell.split(', '));
    expect(words.length).toBeGreaterThan(60);
    expect(firstColumnOf(planned).length).toBeGreaterThan(3);
    const files = [
      ...PAGES.filter(page => page !== 'docs/glossary.md'),
      ...['agent', 'controller', 'shared'].flatMap(folder => filesBelow(folder, SOURCES)),
    ];
    const text = files.map(file => readFileSync(join(ROOT, file), 'utf8')).join('\n');
    const plain = text.toLowerCase().replace(/[^a-z0-9]/g, '');
    const isUsed = (word: string) => plain.includes(word.toLowerCase().replace(/[^a-z0-9]/g, ''));
    expect(words.filter(word => !isUsed(word))).toEqual([]);
  });

  test('no exported name has a word that the glossary rules out', () => {
    const names = ['agent', 'controller', 'shared'].flatMap(folder =>
      filesBelow(folder, /\.tsx?$/).flatMap(file =>
        [...readFileSync(join(ROOT, file), 'utf8').matchAll(EXPORTED)].map(
          ([, name = '']) => `${file} ${name}`,
        ),
      ),
    );
    expect(names.length).toBeGreaterThan(500);
    expect(names.filter(name => RULED_OUT.test(name.split(' ')[1]!))).toEqual([]);
  });
});

const EXPORTED =
  /^export (?:abstract |async )?(?:function\*?|class|interface|type|const|enum) ([A-Za-z0-9_$]+)/gm;

/** The words of "Words that are not used" in docs/glossary.md that are never part of another one. */
const RULED_OUT = /Keeper|Shelf|Desk|Standing|[Pp]ulse|Places?$|^places?$|^isPlace$|Wish$/;
