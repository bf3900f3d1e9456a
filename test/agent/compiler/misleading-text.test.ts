import { describe, expect, test } from 'vitest';
import { LANGUAGE_KEYWORDS } from '../../../agent/compiler/completion/keywords.ts';
import { isReservedName, preprocess } from '../../../agent/compiler/preprocessor/index.ts';

describe('a program that reads otherwise than it compiles', () => {
  test.each<[string, string, RegExp]>([
    ['a // comment that goes on behind a backslash', '// note \\\nf();', /ends with a backslash/],
    ['the same with the line ends of Windows', 'g(); // note \\\r\nf();', /ends with a backslash/],
    [
      'a character that looks like the end of a comment',
      '/* note *\u2215 f(); /* */ g();',
      /U\+2215 cannot be/,
    ],
    ['a character that turns the direction of text', '// \u202e\nf();', /U\+202E cannot be/],
    ['a character that nobody sees', '/* \u200b */ f();', /U\+200B cannot be/],
    ['a terminal escape', '// \u001b[2J\nf();', /U\+001B cannot be/],
    [
      'a macro in the place of require',
      '#define require (void)\nrequire(0);',
      /'require' belongs to the language/,
    ],
    ['a macro in the place of a keyword', '#define if while\nif (0) f();', /'if' belongs to the language/],
    ['a macro in the place of a builtin', '#define __builtin_expect f\nf();', /belongs to the language/],
  ])('a program that reads otherwise than it compiles is refused for %s', (_what, program, message) => {
    expect(() => preprocess(program)).toThrow(
      expect.objectContaining({ code: 'PROGRAM_SYNTAX', message: expect.stringMatching(message) }),
    );
  });

  test.each([
    ['a backslash inside of a block comment', '/* a \\\n b */ f();'],
    ['a // inside of a block comment that has a backslash', '/* // a \\\n b */ f();'],
    ['a line that is joined outside of comments', 'f( \\\n );'],
    ['other characters in a string', '_printk("Grüße");'],
    ['a macro of its own', '#define REQUIRED 1\nf(REQUIRED);'],
  ])('a program that reads otherwise than it compiles is not suspected for %s', (_what, program) => {
    expect(() => preprocess(program)).not.toThrow();
  });

  test('no macro can take a name that completion offers as one of the language', () => {
    expect(LANGUAGE_KEYWORDS.map(({ label }) => label).filter(name => !isReservedName(name))).toEqual([]);
  });
});
