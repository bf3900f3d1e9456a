import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { breachesIn, breachesOf, brokenLinksIn, filesBelow, ROOT } from './prose.ts';

const SOURCES = /\.(ts|tsx|mjs|css|html|proto|md)$/;

/** What states the rules cannot keep them. */
const STATES_THE_RULES = ['test/house/prose.ts', 'test/house/prose.test.ts'];

/**
 * Breaches that are left in each folder. A number here may only fall; a folder that is not named has none.
 */
const LEFT: Readonly<Record<string, number>> = { agent: 172, controller: 143, test: 4 };

/** Exported names that still have a word that is ruled out. This number may only fall. */
const NAMES_LEFT = 13;

/** Words of the glossary that the code does not use yet. */
const WORDS_TO_COME: readonly string[] = ['semaphore', 'step inputs', 'audit finding'];

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
  test.each(FOLDERS)('in comments and texts of %s, and comments within 110 columns', folder => {
    const files = filesBelow(folder, SOURCES).filter(file => !STATES_THE_RULES.includes(file));
    const breaches = files.flatMap(breachesIn);
    const text = breaches.map(({ file, line, rule }) => `${file}:${line} ${rule}`).join('\n');
    expect(breaches.length, text).toBeLessThanOrEqual(LEFT[folder] ?? 0);
  });

  test('in every page of documentation', () => {
    const files = PAGES.filter(file => !file.startsWith('docs/reference/'));
    expect(files.flatMap(breachesIn)).toEqual([]);
  });

  test('in the reference, whose texts come from the sources', () => {
    const breaches = PAGES.filter(file => file.startsWith('docs/reference/')).flatMap(breachesIn);
    expect(breaches.length, JSON.stringify(breaches, undefined, 1)).toBeLessThanOrEqual(LEFT['docs'] ?? 0);
  });

  test('is checked by rules that find what they should find', () => {
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
  test.each(PAGES)('has relative links that lead somewhere: %s', page => {
    expect(brokenLinksIn(page)).toEqual([]);
  });

  test('has a README of at most 150 lines', () => {
    const lines = readFileSync(join(ROOT, 'README.md'), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(150);
  });

  test('has a glossary of words that are in use', () => {
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
    expect(words.filter(word => !isUsed(word) && !WORDS_TO_COME.includes(word))).toEqual([]);
  });

  test('has no exported name with a word that the glossary rules out', () => {
    const names = ['agent', 'controller', 'shared'].flatMap(folder =>
      filesBelow(folder, /\.tsx?$/).flatMap(file =>
        [...readFileSync(join(ROOT, file), 'utf8').matchAll(EXPORTED)].map(
          ([, name = '']) => `${file} ${name}`,
        ),
      ),
    );
    expect(names.length).toBeGreaterThan(500);
    expect(names.filter(name => RULED_OUT.test(name.split(' ')[1]!)).length).toBeLessThanOrEqual(NAMES_LEFT);
  });
});

const EXPORTED =
  /^export (?:abstract |async )?(?:function\*?|class|interface|type|const|enum) ([A-Za-z0-9_$]+)/gm;

/** The words of "Words that are not used" in docs/glossary.md that are never part of another one. */
const RULED_OUT = /Keeper|Shelf|Desk|Standing|[Pp]ulse|Places?$|^places?$|^isPlace$|Wish$/;
