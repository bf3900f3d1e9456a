import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { cookbookPage } from '../../../deploy/reference/cookbook.ts';
import { allRecipes, isWithin, readRecipe } from '../../../deploy/reference/recipes.ts';
import { compiledWithLibrary } from '../../agent/compiler/identifiers/compile-with-library.ts';
import { recordedKernels } from '../../agent/compiler/identifiers/recorded-kernels.ts';

const RECIPES = allRecipes();
const KERNELS = recordedKernels(fileURLToPath(new URL('kernels/', import.meta.url)));
const ORDER = ['read', 'watch', 'call', 'write'];

/** What each recipe does by the types of each kernel. */
const EFFECTS = KERNELS.map(([kernel, compiler]) => {
  const effects = RECIPES.map(
    ({ name, program }) => [name, compiledWithLibrary(compiler, program).effect] as const,
  );
  return [kernel, new Map<string, string>(effects)] as const;
});

test('there are 25 recipes that read and 15 that act at least, each with a name of its own', () => {
  const reads = RECIPES.filter(({ effect }) => effect === 'read').length;
  expect(reads).toBeGreaterThanOrEqual(25);
  expect(RECIPES.length - reads).toBeGreaterThanOrEqual(15);
  expect(new Set(RECIPES.map(({ name }) => name)).size).toBe(RECIPES.length);
});

test('recipes were recorded for six kernels of Debian, four for amd64 and two for arm64', () => {
  expect(KERNELS.map(([name]) => name).sort()).toEqual([
    ...['5.10-amd64', '6.1-amd64', '6.12-amd64', '6.12-arm64', '7.2-amd64', '7.2-arm64'],
  ]);
});

test.each(EFFECTS)(
  'on %s every recipe compiles, and does no more than its comment says',
  (_kernel, effects) => {
    const more = RECIPES.filter(
      ({ name, effect }) => ORDER.indexOf(effects.get(name)!) > ORDER.indexOf(effect),
    );
    expect(more.map(({ name }) => name)).toEqual([]);
  },
);

test.each(RECIPES.map(({ name, effect }) => [name, effect] as const))(
  'the recipe %s has the effect %s on a kernel with its modules',
  (name, effect) => {
    expect(EFFECTS.map(([, effects]) => effects.get(name))).toContain(effect);
  },
);

test('docs/guide/cookbook.md is what the recipes say', () => {
  const file = new URL('../../../docs/guide/cookbook.md', import.meta.url);
  expect(readFileSync(file, 'utf8'), 'run node deploy/reference/write.ts').toBe(cookbookPage());
});

test('every recipe that another one names is there', () => {
  const names = RECIPES.map(({ name }) => name);
  const named = RECIPES.flatMap(({ program }) =>
    [...program.matchAll(/\brecipe ((?!again\b)[a-z][a-z-]+)/g)].map(([, name]) => name!),
  );
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter(name => !names.includes(name))).toEqual([]);
});

test('nothing but recipes is in recipes/', () => {
  const files = readdirSync(new URL('../../../recipes/', import.meta.url), {
    recursive: true,
    withFileTypes: true,
  });
  expect(files.filter(file => file.isFile() && !file.name.endsWith('.c'))).toEqual([]);
});

describe('the comment of a recipe', () => {
  const LINES = [
    '// It wakes.',
    '//',
    '// effect: call',
    '// when: a',
    '// does: b',
    '// risk: c',
    '// undo: d',
  ];
  const text = (...more: string[]): string => [...LINES, ...more, ''].join('\n');
  const read = (program: string) => readRecipe('recipes/tasks/wake.c', program);

  test('the comment of a recipe says what it is, does and needs, over several lines', () => {
    const program = text(
      '//   and e',
      '// parameter PID: 1..9, the task',
      'parameter int PID in 1..9 = 4;',
      'PID;',
    );
    expect(read(program)).toEqual({
      ...{ name: 'wake', subject: 'tasks', path: 'recipes/tasks/wake.c', program },
      ...{ title: 'It wakes.', effect: 'call', when: 'a', does: 'b', risk: 'c', undo: 'd and e' },
      parameters: [
        {
          name: 'PID',
          preset: '4',
          bounds: { kind: 'number', least: 1, most: 9 },
          meaning: '1..9, the task',
        },
      ],
    });
  });

  test.each([
    ['without a sentence', '// effect: call\nf();', /begins with a sentence/],
    ['with a line missing', text().replace('// risk: c\n', ''), /line 4 of five is not `risk: …`/],
    ['with an unknown effect', text().replace('call', 'much'), /its effect is none of/],
    ['with a line that says nothing', text('// what'), /nobody knows what this is: what/],
    [
      'with a parameter that is not declared',
      text('// parameter PID: 1..9, the task'),
      /those that it declares/,
    ],
    [
      'with a declaration that it does not tell of',
      text('parameter int PID in 1..9 = 4;'),
      /those that it declares/,
    ],
    [
      'with other bounds than its comment says',
      text('// parameter PID: 1..9, the task', 'parameter int PID in 1..99 = 4;'),
      /PID is declared as int in 1\.\.99, and its comment says int 1\.\.9/,
    ],
    [
      'with a preset beyond its bounds',
      text('// parameter PID: 1..9, the task', 'parameter int PID in 1..9 = 10;'),
      /PID is not within its bounds: 10/,
    ],
  ])('%s is refused', (_what, program, message) => {
    expect(() => read(program)).toThrow(message);
  });
});

test.each([
  ['1', true],
  ['9', true],
  ['0', false],
  ['10', false],
  ['1; panic("x")', false],
  ['0x1', false],
  ['', false],
])('the number %s is within 1..9: %s', (value, expected) => {
  expect(isWithin(value, { kind: 'number', least: 1, most: 9 })).toBe(expected);
});

test.each([
  ['"vda1"', true],
  ['"12345678"', true],
  ['"123456789"', false],
  ['vda1', false],
  ['"a" "b"', false],
  ['"a\\n"', false],
])('the text %s is one literal of at most eight characters: %s', (value, expected) => {
  expect(isWithin(value, { kind: 'text', mostBytes: 8 })).toBe(expected);
});
