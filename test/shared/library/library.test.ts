import { describe, expect, test } from 'vitest';
import { libraryHeaders, releasedLibrary } from '../../../shared/assets/index.ts';
import { errnoName } from '../../../shared/errno/index.ts';
import {
  Library,
  libraryHeadersIn,
  libraryParts,
  type ProgramParts,
  programStart,
  withLibrary,
} from '../../../shared/library/index.ts';

const LIST = `/* Lists. */

/** Whether a list is empty. */
static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

/** The first entry. */
#define list_first(head) (list_empty(head) ? 0 : (head)->next)
`;
const MATH =
  '/* Numbers. */\n\n/** The smaller one. */\n#define min(one, other) ((one) < (other) ? (one) : (other))\n';
const SMALL = new Library(
  new Map([
    ['linux/list.h', LIST],
    ['linux/kernel.h', MATH],
  ]),
);

describe('the part of the library that a program uses', () => {
  test('the library gives what a program names and what that uses, header by header', () => {
    const text = SMALL.select('list_first(&modules)');
    expect(libraryHeadersIn(text)).toEqual(['linux/list.h']);
    expect(text).toContain('static inline bool list_empty');
    expect(text).not.toContain('min');
  });

  test.each([
    ['a program that uses nothing', 'wake_up_process(t)'],
    ['a name in a comment', '/* list_empty */ f() // min'],
    ['a name in a string literal', 'f("list_empty", \'\\\'\', "a\\"min(")'],
    ['a member', 's.min + p->list_empty'],
    ['an own macro', '#define min(a, b) (a)\nmin(1, 2)'],
    ["a function that is declared to be the kernel's", 'extern int min(int, int); min(1, 2)'],
    ['an own function', 'static int min(int a, int b) { return a; } min(1, 2)'],
  ])('the library adds nothing to %s', (_what, program) => {
    expect(SMALL.select(program)).toBe('');
  });

  test('a loop of a macro is not taken for an own function', () => {
    expect(SMALL.select('else min(a, b) { f(); }')).toContain('#define min');
  });

  test('an included header is named though nothing of it is used, and an unknown one is not', () => {
    expect(libraryHeadersIn(SMALL.select('#include <linux/list.h>\n#include <linux/other.h>\n1'))).toEqual([
      'linux/list.h',
    ]);
  });

  test('a comment or literal without end takes linear time', () => {
    const hostile = ['/*', '"', "'", '/* "'].map(each => each.repeat(30_000));
    for (const program of hostile) expect(SMALL.select(program)).toBe('');
  });
});

describe('a library text beside the released library', () => {
  const text = SMALL.select('min(1, 2), list_first(x)');

  test('an unchanged text has no changed names', () => {
    expect(SMALL.compare(text)).toEqual({
      names: ['min', 'list_empty', 'list_first'].sort(byText(text)),
      changed: [],
    });
  });

  test.each([
    ['another body', (from: string) => from.replace('head->next == head', '1'), ['list_empty']],
    ['another macro', (from: string) => from.replace('(one) < (other)', '(one) > (other)'), ['min']],
    ['another comment', (from: string) => from.replace('The smaller one', 'The one'), ['min']],
  ])('%s is named', (_what, change, changed) => {
    expect(SMALL.compare(change(text)).changed).toEqual(changed);
  });

  test.each([
    ['code between the items', (from: string) => from.replace('/** The first', 'panic("");\n/** The first')],
    ['code before the first header', (from: string) => `panic("");\n${from}`],
    [
      'code in front of an item',
      (from: string) => from.replace('linux/list.h */', 'linux/list.h */ panic("");'),
    ],
    ['an item twice', (from: string) => `${from}\n${from}`],
    ['code alone', () => 'panic("");\n'],
    [
      'an end with code behind it',
      () => '/* farcall library: a.h */\n/* farcall library ends */\npanic("");\n',
    ],
    ['a header that nobody has', () => '/* farcall library: a.h */\n#define wake_up_process(t) panic("")\n'],
  ])('%s is never called unchanged', (_what, change) => {
    const { changed } = SMALL.compare(change(text));
    expect(changed.length === 0 && change(text) !== text).toBe(false);
  });
});

function byText(text: string): (one: string, other: string) => number {
  return (one, other) => text.indexOf(`${one}(`) - text.indexOf(`${other}(`);
}

test.each<[string, ProgramParts]>([
  ['begins as values do', { program: '/* farcall values: {"A":"7"}\ng(); /* */ 5' }],
  [
    'begins as a library does',
    { program: '/* farcall library: a.h */\n#define f g\n/* farcall library ends */\nf()' },
  ],
  ['has code for a library', { library: 'g();\n', program: 'f()' }],
  [
    'has a library that ends twice',
    { library: '/* farcall library: a.h */\n/* farcall library ends */\ng();\n', program: 'f()' },
  ],
])('a program that %s is not compiled', (_what, parts) => {
  expect(() => withLibrary(parts)).toThrow(expect.objectContaining({ code: 'PROGRAM_SYNTAX' }));
});

test('a text with a library is told apart from its program', () => {
  const library = SMALL.select('min(1, 2)');
  const text = withLibrary({ library, program: 'min(1, 2)' });
  expect(text.slice(programStart(text))).toBe('min(1, 2)');
  expect(libraryParts(text.slice(0, programStart(text))).map(({ header }) => header)).toEqual([
    'linux/kernel.h',
  ]);
  expect(programStart('min(1, 2)')).toBe(0);
  expect(withLibrary({ library: '', program: 'f()' })).toBe('f()');
});

test.each([
  ['without a comment about itself', '/** A. */\n#define A 1\n'],
  ['with an item that defines nothing', '/* A. */\n\n/** A. */\nint;\n'],
])('a header %s is refused', (_what, text) => {
  expect(() => new Library(new Map([['linux/a.h', text]]))).toThrow('linux/a.h');
});

test('headers that use each other are refused, and so is a name that two define', () => {
  const one = '/* A. */\n\n/** A. */\n#define A B\n';
  const other = '/* B. */\n\n/** B. */\n#define B A\n';
  expect(
    () =>
      new Library(
        new Map([
          ['a.h', one],
          ['b.h', other],
        ]),
      ),
  ).toThrow('use each other');
  expect(
    () =>
      new Library(
        new Map([
          ['a.h', one],
          ['b.h', one],
        ]),
      ),
  ).toThrow("'A' is defined in a.h and in b.h");
});

describe('the released library', () => {
  const library = releasedLibrary();

  test('every definition of the released library says what it is, in a sentence', () => {
    for (const { comment, defines } of library.items) expect(comment, defines[0]).toMatch(/^[A-Z_a-z].*\.$/);
  });

  test('the released library tells its own texts apart from others', () => {
    for (const { defines } of library.items) {
      const text = library.select(`${defines[0]}(x)`);
      expect(library.compare(text).changed, defines[0]).toEqual([]);
      expect(library.compare(text.replace(/\S+\n$/, ' $&')).changed, defines[0]).not.toEqual([]);
    }
  });
});

test('the numbers of errors are those that this system has, or the kernel alone', () => {
  const text = libraryHeaders().get('linux/errno.h')!;
  const defined = [...text.matchAll(/^#define (E\w+) (\d+)$/gm)];
  expect(defined.length).toBeGreaterThan(75);
  expect(defined.filter(([, name, value]) => errnoName(Number(value)) !== name)).toEqual([]);
});
