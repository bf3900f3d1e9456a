import { expect, test } from 'vitest';
import { Compiler, type SymbolTable } from '../../../../agent/compiler/index.ts';
import type { FarcallError } from '../../../../shared/errors/index.ts';
import { withLibrary } from '../../../../shared/library/index.ts';
import { smallKernel } from '../support/small-kernel.ts';

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

test.each([
  [
    'does something',
    'static inline int number(void)\n{\n\treturn 42;\n}\nnumber();',
    /can only declare and define/,
  ],
  [
    'leaves a function to the program',
    'static int number(void);',
    /declares 'number', but does not define it/,
  ],
  ['leaves a structure to the program', 'struct made;', /declares struct made, but does not define it/],
])('a library that %s is refused', (_what, code, message) => {
  const library = `/* farcall library: linux/a.h */\n\n/** A number. */\n${code}\n`;
  const text = withLibrary({ library, program: '1' });
  expect(() => compiler.compileWithoutModule(text, 'm')).toThrow(message);
});

test('a library means the same behind every program, whatever the one before has defined', () => {
  const library = `/* farcall library: linux/a.h */

/** Two numbers. */
struct two {
	int one;
	int other;
};

/** The size of both. */
static inline int size_of_two(void)
{
	return sizeof(struct two) + sizeof(struct pair);
}
`;
  const kernel = smallKernel();
  const compile = (program: string, by = kernel.compiler) =>
    by.compile(withLibrary({ library, program }), 'm').image;
  const alone = compile('size_of_two()', smallKernel().compiler);
  const own = '{ struct pair { char a; }; struct two { char b; }; size_of_two() + sizeof(struct pair); }';
  compile(`${own} size_of_two()`);
  expect(compile('size_of_two()')).toEqual(alone);
  expect(compile('size_of_two()')).toEqual(alone);
});

test('a library is checked again once its module lies elsewhere, and not before', () => {
  const kernel = smallKernel();
  let address = 0xffffffffc0201000n;
  const asked: string[] = [];
  const symbols: SymbolTable = {
    ...kernel.symbols,
    lookup: name => {
      asked.push(name);
      if (name === 'of_kernel') return [{ name, address: 0xffffffff82000000n, type: 'd', module: undefined }];
      if (name !== 'of_module') return kernel.symbols.lookup(name);
      return [{ name, address, type: 'd', module: 'loaded' }];
    },
  };
  const changing = new Compiler({ ...kernel.input, symbols });
  const library = `/* farcall library: linux/a.h */

/** A variable of a module. */
extern int of_module;

/** One of the kernel, which stays. */
extern int of_kernel;

/** Where it is. */
static inline unsigned long where(void)
{
	return (unsigned long)&of_module;
}
`;
  const compile = () =>
    JSON.stringify(
      changing.compileWithoutModule(withLibrary({ library, program: 'where()' }), 'm').ir,
      (_key, value) => (typeof value === 'bigint' ? value.toString(16) : value),
    );
  expect(compile()).toContain('ffffffffc0201000');
  asked.length = 0;
  expect(compile()).toContain('ffffffffc0201000');
  expect(asked).toEqual(['of_module']);
  address += 0x1000n;
  expect(compile()).toContain('ffffffffc0202000');
});

test('many libraries one after the other are not all kept', () => {
  const kernel = smallKernel();
  const asked: string[] = [];
  const lookup = (name: string) => {
    asked.push(name);
    return name === 'of_kernel'
      ? [{ name, address: 0xffffffff82000000n, type: 'd', module: undefined }]
      : kernel.symbols.lookup(name);
  };
  const counting = new Compiler({ ...kernel.input, symbols: { ...kernel.symbols, lookup } });
  const compile = (number: number) => {
    const code = `/** ${'x'.repeat(20_000)} */\nextern int of_kernel;\n\n/** A number. */\n#define NUMBER ${number}`;
    const library = `/* farcall library: linux/a.h */\n\n${code}\n`;
    asked.length = 0;
    counting.compileWithoutModule(withLibrary({ library, program: 'NUMBER' }), 'm');
    return asked.length > 0;
  };
  expect([1, 1, 2, 3, 1, 4, 5, 1, 2].map(compile)).toEqual([
    true,
    false,
    true,
    true,
    false,
    true,
    true,
    false,
    true,
  ]);
});
