import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, sourcesBelow } from './imports.ts';

/**
 * `test('TITLE'` and `it('TITLE'`, with or without a condition; not rows of `each`, whose titles are
 * templates.
 */
const TITLE =
  /^[ \t]*(?:test|it)(?:\.(?:skipIf|runIf)\([^\n]*?\))?\(\s*(['"`])(?<title>(?:\\.|(?!\1).)*)\1/gm;

/** A title that begins so says nothing without the one before it. */
const HANGS_ON_ANOTHER = /^(and|or|but|nor|than|not even|again|also|either|of|no more|too)\b/i;

/** A title that begins with a verb has left its subject in the name of its group. */
const LACKS_ITS_SUBJECT =
  /^(is|are|was|were|has|have|does|do|did|says?|may|can|cannot|would|finds?|takes?|gives?|gets?|ends|keeps?|lets?|loses?|works?|tells?|refuses|comes?|goes|knows?|reads?|runs|signs?|shows?|lists?|never|asks?|counts|reports|leaves|begins?|continues?|answers)\b(?! (that|of|by|for)\b)/;

/** The title of rows of `each`, on the line of its call or on the next one. */
const EACH_TITLE = /[\])]\)\(\s*(['"`])(?<title>(?:\\.|(?!\1).)*)\1,/g;

/** A template of `each` that shows the first value of its row, and no more. */
const VALUE_ALONE = /\)\(\s*(['"`])%[a-z]\1,/;

const FEWEST_WORDS = 4;

const tests = sourcesBelow('test').filter(path => path.endsWith('.test.ts'));

const titles = tests
  .flatMap(path =>
    [...readFileSync(join(ROOT, path), 'utf8').matchAll(TITLE)].map(({ groups }) => ({
      path,
      title: groups!['title']!,
    })),
  )
  .filter(({ title }) => !title.includes('${'));

test('the names of tests are found in their files', () => {
  expect(titles.length).toBeGreaterThan(1000);
});

test('no name of a test hangs on the one before it', () => {
  expect(titles.filter(({ title }) => HANGS_ON_ANOTHER.test(title))).toEqual([]);
});

test('no name of a test leaves its subject to the name of its group', () => {
  const rows = tests.flatMap(path =>
    [...readFileSync(join(ROOT, path), 'utf8').matchAll(EACH_TITLE)].map(({ groups }) => ({
      path,
      title: groups!['title']!,
    })),
  );
  expect(rows.length).toBeGreaterThan(100);
  expect([...titles, ...rows].filter(({ title }) => LACKS_ITS_SUBJECT.test(title))).toEqual([]);
});

test('every name of a test has the words of a sentence', () => {
  expect(titles.filter(({ title }) => title.split(/\s+/).length < FEWEST_WORDS)).toEqual([]);
});

test('no rows of tests are named by their value alone', () => {
  expect(VALUE_ALONE.test(`])(${"'%s'"}, value => {`)).toBe(true);
  expect(tests.filter(path => VALUE_ALONE.test(readFileSync(join(ROOT, path), 'utf8')))).toEqual([]);
});
