import { describe, expect, test } from 'vitest';
import { LANGUAGE_KEYWORDS } from '../../../../agent/compiler/completion/keywords.ts';
import { isReservedName, preprocess } from '../../../../agent/compiler/preprocessor/index.ts';

describe('a program that reads otherwise than it compiles', () => {
  test.each<[string, string, RegExp]>([
    ['a // comment that goes on behind a backslash', '// note \\\nf();', /ends with a backslash/],
    ['the same with the line ends of Windows', 'g(); // note \\\r\nf();', /ends with a backslash/],
    [
      'a character that looks like the end of a comment',
      '/* note *\u2215 f(); /* */ g();',
      /U\+2215 cannot be/,
    ],
    [
      'the same with spaces behind the backslash, which gcc passes over',
      '// note \\ \t\nf();',
      /ends with a backslash/,
    ],
    ['the same as a trigraph', '// note ??/\nf();', /ends with a backslash/],
    ['an end of a comment that a backslash joins', '/* a *\\\n/ f(); /* */ g();', /a backslash joins/],
    ['two tokens that a backslash makes one of', 'f(a &\\\n& b);', /makes one token of two/],
    ['a slash and a star that a backslash joins', 'f(a /\\\n*b); /* */', /makes one token of two/],
    ['a carriage return that looks like the end of a comment', '// note \rrequire(0);', /U\+000D cannot be/],
    ['a form feed, which hides what is before it', 'f(); \f g();', /U\+000C cannot be/],
    ['a vertical tab', '// note \vf();', /U\+000B cannot be/],
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
