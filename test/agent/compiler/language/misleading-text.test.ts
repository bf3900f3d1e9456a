import { describe, expect, test } from 'vitest';
import { LANGUAGE_KEYWORDS } from '../../../../agent/compiler/completion/keywords.ts';
import { isReservedName, preprocess } from '../../../../agent/compiler/preprocessor/index.ts';
import { smallKernel } from '../support/small-kernel.ts';

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
    [
      'a macro in the place of a word of a deny',
      '#define for_minutes for_days\nf();',
      /belongs to the language/,
    ],
    ['a macro in the place of a word of a parameter', '#define string int\nf();', /belongs to the language/],
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

  const { compiler } = smallKernel();
  test.each([
    ['the name of another one', '#define get_int twice\nget_int();'],
    ['a call of another one', '#define get_int() twice()\nget_int();'],
    ['a call of another one behind its own', '#define get_int() (get_int(), twice())\nget_int();'],
    ['a call of another one before its own', '#define get_int() twice() + get_int()\nget_int();'],
    ['a call of another one in an argument', '#define take_u8(a) take_u8(twice())\ntake_u8(1);'],
    [
      'a call in an argument, with the name in parentheses',
      '#define take_u8(a) take_u8((twice)())\ntake_u8(1);',
    ],
    ['its own call and what follows', '#define get_int() get_int() ; twice()\nget_int();'],
    ['a name that is made of two', '#define take_u8(a) take_u8(a ## b)\ntake_u8(1);'],
    ['another one by its own parameter', '#define take_u8(take_u8) take_u8(0)\ntake_u8(take_short);'],
    ['another one by what is left', '#define take_u8(x, take_u8...) take_u8(x)\ntake_u8(1, take_short);'],
    ['what another macro makes of it', '#define take_u8(a) take_u8(X)\n#define X 1); get_int(\ntake_u8(1);'],
    ['an end', '#define take_u8(a) take_u8(({ return 0; 1; }))\ntake_u8(1);'],
    ['a write', '#define take_u8(a) take_u8(*(int *)0xffffffff82000000 = 5)\ntake_u8(1);'],
    ['nothing', '#define nothing()\nnothing();'],
  ])('a macro that gives the name of a kernel’s function %s is refused', (_what, program) => {
    expect(() => compiler.compile(program, 'm')).toThrow(
      expect.objectContaining({
        code: 'PROGRAM_TYPE',
        message: expect.stringMatching(/^line 1, column 9: '\w+' is a function of this kernel/),
      }),
    );
  });

  test.each([
    ['with a constant in the place of an argument', '#define take_u8(a, b) take_u8(a)\ntake_u8(1, 2);'],
    ['with arithmetic on its argument', '#define take_u8(a) take_u8((a) + 1)\ntake_u8(1);'],
    ['by another name', '#define take(a) take_u8(a)\ntake(1);'],
  ])('a macro that calls the function of its own name %s is compiled', (_what, program) => {
    expect(compiler.compile(program, 'm').callees.map(({ name }) => name)).toEqual(['take_u8']);
  });

  test.each([
    ['a function', 'static int twice(int a) { return 0; } twice(1);', 12],
    ['a prototype of its own', 'static int twice(int a); int f(void) { return twice(1); } f();', 12],
    ['a pointer that it calls', 'int (*twice)(void) = get_int; twice();', 31],
    ['a parameter that it calls', 'int f(int (*twice)(void)) { return twice(); } f(get_int);', 36],
    ['a type', 'typedef int twice; twice (a);', 13],
    ['an enumerator', 'enum { twice = 3 }; report(twice);', 8],
  ])('a program that gives the name of a kernel’s function to %s is refused', (_what, program, column) => {
    expect(() => compiler.compile(program, 'm')).toThrow(
      expect.objectContaining({
        code: 'PROGRAM_TYPE',
        message: expect.stringMatching(
          new RegExp(`^line 1, column ${column}: 'twice' is a function of this kernel, and an? `),
        ),
      }),
    );
  });

  test('a variable that is never called may have the name of a kernel’s function', () => {
    expect(compiler.compile('int twice = get_int(); report(twice);', 'm').callees).toHaveLength(1);
  });
});
