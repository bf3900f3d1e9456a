import { expect, test } from 'vitest';
import type { FarcallError } from '../../../shared/errors/index.ts';
import { withLibrary } from '../../../shared/library/index.ts';
import { smallKernel } from './support/small-kernel.ts';

const LIBRARY = `/* farcall library: linux/a.h */

/** A number. */
static inline int number(void)
{
	return 42;
}

/** Twice the number. */
static inline int twice(void)
{
	return number() * 2;
}
`;

const { compiler } = smallKernel();

function problemOf(program: string): string | undefined {
  try {
    compiler.compileWithoutModule(withLibrary({ library: LIBRARY, program }), 'm');
    return undefined;
  } catch (error) {
    return (error as FarcallError).message.split('\n')[0];
  }
}

test.each([
  ['uses what the library declares', 'twice()'],
  ['has a variable with a name of the library', 'int number = 1; number'],
  ['has that variable, and uses a library function that means the other', 'int number = 1; number + twice()'],
  ['shadows a name of the library in a block', '{ int number = 1; (void)number; } twice()'],
])('a program is compiled that %s', (_what, program) => {
  expect(problemOf(program)).toBeUndefined();
});

test('a program cannot declare a name twice, whatever the library has', () => {
  expect(problemOf('int number = 1; int number = 2; number')).toMatch(/line 1, column 21: 'number' is/);
});

test('an error of the program has the lines of the program, and one in the library names the header', () => {
  expect(problemOf('int x = 1;\nx + unheard')).toMatch(/^line 2, column 5: /);
  const broken = withLibrary({ library: LIBRARY.replace('return 42', 'return unheard'), program: 'twice()' });
  expect(() => compiler.compileWithoutModule(broken, 'm')).toThrow(/^linux\/a\.h, line \d+, column 9: /);
});

test('a library and a program are limited one by one', () => {
  const long = `/* ${'x'.repeat(65_536)} */`;
  expect(problemOf(long)).toMatch(/^the program has \d+ bytes; the limit is 65536/);
  expect(() =>
    compiler.compileWithoutModule(
      withLibrary({ library: LIBRARY.replace('/** A', `${long} /** A`), program: 'twice()' }),
      'm',
    ),
  ).toThrow(/the library has \d+ bytes; the limit is 65536/);
});
