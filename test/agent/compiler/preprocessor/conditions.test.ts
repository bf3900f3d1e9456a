import { describe, expect, test } from 'vitest';
import { type PresenceQuestion, preprocess } from '../../../../agent/compiler/preprocessor/index.ts';
import { withLibrary } from '../../../../shared/library/index.ts';
import { spelledTokens } from '../support/spelled-tokens.ts';

describe('conditions choose what is a part of the program', () => {
  test.each<[string, string, string]>([
    ['#if', '#if 1\na\n#else\nb\n#endif', 'a'],
    ['#else', '#if 0\na\n#else\nb\n#endif', 'b'],
    ['#elif', '#if 0\na\n#elif 1\nb\n#elif 1\nc\n#else\nd\n#endif', 'b'],
    [
      '#ifdef',
      '#define A\n#ifdef A\na\n#endif\n#ifndef A\nb\n#endif\n#ifdef B\nc\n#elifdef A\nd\n#endif',
      'a d',
    ],
    ['defined', '#define A\n#if defined A && defined(A) && !defined(B)\na\n#endif', 'a'],
    ['a name that nobody defined', '#if NOBODY\na\n#else\nb\n#endif', 'b'],
    ['macros in it', '#define V(a, b) (a * 256 + b)\n#if V(6, 1) >= V(5, 10)\na\n#endif', 'a'],
    ['an inner one', '#if 0\n#if 1\na\n#else\nb\n#endif\n#else\nc\n#endif', 'c'],
    [
      'arithmetic',
      "#if (1 + 2 * 3 == 7) && (-1 < 0) && (~0 == -1) && (7 / 2 == 3) && ('a' == 97)\na\n#endif",
      'a',
    ],
    ['unsigned numbers', '#if -1 > 0u && (1 ? -1 : 0u) > 0\na\n#endif', 'a'],
    ['a division that is not made', '#if 0 && 1 / 0\na\n#elif 1 || 1 / 0\nb\n#endif', 'b'],
    [
      'directives that are left out',
      '#if 0\n#error no\n#include <none.h>\n#define A\n#endif\n#ifdef A\na\n#endif\nb',
      'b',
    ],
    ['text that is no C', "#if 0\ndon't @ 1.5 \\ asm\n#endif\nb", 'b'],
    ['#define in a group', '#if 1\n#define A 3\n#endif\nA', '3'],
  ])('a program with %s has the right part', (_what, program, expected) => {
    expect(spelledTokens(preprocess(program))).toBe(expected);
  });

  test.each<[string, string, RegExp]>([
    ['#if without an end', '#if 1\na', /line 1, column 2: this #if has no #endif/],
    ['#endif alone', '#endif', /this #endif has no #if/],
    ['#else alone', '#else', /this #else has no #if/],
    ['#elif behind #else', '#if 1\n#else\n#elif 1\n#endif', /this #elif follows an #else/],
    ['no condition', '#if\n#endif', /needs a condition/],
    ['half a condition', '#if 1 +\n#endif', /ends too early/],
    ['more than a condition', '#if 1 2\n#endif', /should end here/],
    ['a division by zero', '#if 1 / 0\n#endif', /divides by zero/],
    ['a string', '#if "a"\n#endif', /only numbers/],
    [
      '#error',
      '#ifndef A\n#error this needs A, see page 3\n#endif',
      /line 2, column 1: this needs A, see page 3/,
    ],
  ])('a program with %s is refused', (_what, program, message) => {
    expect(() => preprocess(program)).toThrow(message);
  });
});

describe('a condition asks the kernel', () => {
  test.each<[string, PresenceQuestion, string]>([
    [
      '__has_type(struct net)',
      { kind: 'type', type: { tag: 'struct', name: 'net' } },
      '__has_type(struct net)',
    ],
    ['__has_type( u8 )', { kind: 'type', type: { tag: undefined, name: 'u8' } }, '__has_type(u8)'],
    [
      '__has_member(struct net, ns . count)',
      { kind: 'member', type: { tag: 'struct', name: 'net' }, path: ['ns', 'count'] },
      '__has_member(struct net, ns.count)',
    ],
    [
      '__has_symbol(page_pools)',
      { kind: 'symbol', name: 'page_pools', module: undefined },
      '__has_symbol(page_pools)',
    ],
    ['__has_symbol(x@8021q)', { kind: 'symbol', name: 'x', module: '8021q' }, '__has_symbol(x@8021q)'],
    ['__has_enumerator(RED)', { kind: 'enumerator', name: 'RED' }, '__has_enumerator(RED)'],
    [
      '__has_parameters(thaw_super, 2)',
      { kind: 'parameters', name: 'thaw_super', module: undefined, count: 2 },
      '__has_parameters(thaw_super, 2)',
    ],
    ['LINUX_VERSION_CODE', { kind: 'version' }, 'LINUX_VERSION_CODE'],
  ])('the condition %s is one question', (condition, question, text) => {
    for (const answer of [0n, 1n]) {
      const asked: unknown[] = [];
      const made = preprocess(`#define Q ${condition}\n#if Q\na\n#else\nb\n#endif`, {
        ask: (...ask) => {
          asked.push(ask.slice(0, 2));
          return answer;
        },
      });
      expect(asked).toEqual([[question, text]]);
      expect(spelledTokens(made)).toBe(answer === 1n ? 'a' : 'b');
    }
  });

  test('a question behind a condition that has decided is not asked', () => {
    const ask = (): bigint => {
      throw new Error('nothing should be asked');
    };
    expect(spelledTokens(preprocess('#if 0 && __has_symbol(x)\na\n#else\nb\n#endif', { ask }))).toBe('b');
  });

  test('a question in another form is refused with the form that it has', () => {
    expect(() => preprocess('#if __has_member(net)\n#endif')).toThrow(
      /this is asked as __has_member\(struct name, member.member\)/,
    );
  });
});

describe('headers are the parts of the library that stand before a program', () => {
  const LIBRARY = `/* farcall library: linux/a.h */
#define A B
int a;
/* farcall library: linux/b.h */
#define B 7
`;
  const run = (program: string, library = LIBRARY) => preprocess(withLibrary({ library, program }));

  test('what stands of a header before a program is there once, whether it is included or not', () => {
    expect(spelledTokens(run('A'))).toBe('int a ; 7');
    const program = '#include <linux/a.h>\n#include "linux/b.h"\n#include <linux/a.h>\nA';
    expect(spelledTokens(run(program))).toBe('int a ; 7');
  });

  test.each<[string, string, RegExp]>([
    ['is unknown', '#include <linux/none.h>', /line 1, column 10: farcall has no header 'linux\/none.h'/],
    ['leaves its folder', '#include <../../etc/passwd>', /a header is named as in/],
    ['is named by a macro', '#include X', /a header is named as in/],
  ])('a header that %s is refused', (_what, program, message) => {
    expect(() => run(program)).toThrow(message);
  });

  test('a header that leaves an #if open is refused', () => {
    expect(() => run('1', LIBRARY.replace('int a;', '#if 1'))).toThrow(
      /^linux\/a.h, .*this #if has no #endif/,
    );
  });

  test('an error in a header names the header', () => {
    expect(() => run('int y;', LIBRARY.replace('int a;', 'int x = 1.5;'))).toThrow(
      /^linux\/a.h, line 3, column 9: .*\n {4}int x = 1.5;\n {12}\^$/,
    );
  });
});
