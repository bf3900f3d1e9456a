import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { verifyIr } from '../../../../agent/compiler/ir/index.ts';
import { GccKernel } from '../support/gcc-kernel.ts';
import { guarded } from '../support/guarded.ts';
import { SAMPLE_PROGRAMS } from '../support/sample-programs.ts';
import { canBuild, TEST_CPUS } from '../support/test-cpus.ts';

const PIECES = SAMPLE_PROGRAMS.join(' ').match(/\w+|[^\s\w]+/g)!;

/** Lines that each build on the one before. */
function within(count: number, line: (n: number) => string, first: string): string {
  return [first, ...Array.from({ length: count }, (_, index) => line(index + 1))].join('\n');
}

describe.each(TEST_CPUS.filter(canBuild))('statements that somebody spoilt, $arch', cpu => {
  const kernel = new GccKernel(cpu);
  afterAll(() => kernel.close());

  /** Whether the program compiles; where it does not, it is refused with a code and a place. */
  function attempt(program: string): boolean {
    const { value, error } = guarded(() => kernel.compiler.compile(program, 'farcall_test'));
    if (error) {
      expect(error.code, error.message).toMatch(/^(PROGRAM|SYMBOL)_/);
      return false;
    }
    verifyIr(value.ir);
    return true;
  }

  test('the samples compile before they are spoilt', () => {
    expect(SAMPLE_PROGRAMS.filter(program => !attempt(program))).toEqual([]);
  });

  test('sample programs with pieces cut out, doubled or inserted compile or are refused', () => {
    const change = fc.tuple(fc.nat(), fc.nat({ max: 1 }), fc.constantFrom('', ...PIECES), fc.boolean());
    let compiled = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...SAMPLE_PROGRAMS),
        fc.array(change, { minLength: 1, maxLength: 2 }),
        (program, changes) => {
          const tokens = program.match(/\w+|[^\s\w]|\s+/g)!;
          for (const [at, count, piece, doubled] of changes) {
            const start = at % (tokens.length + 1);
            const cut = tokens.splice(start, count);
            tokens.splice(start, 0, piece, ...(doubled ? [...cut, ...cut] : []));
          }
          if (attempt(tokens.join(''))) compiled++;
        },
      ),
      { seed: 11, numRuns: 4000 },
    );
    expect(compiled).toBeGreaterThan(50);
  });

  test('one program inserted into another compiles or is refused', () => {
    const program = fc.constantFrom(...SAMPLE_PROGRAMS);
    fc.assert(
      fc.property(
        program,
        program,
        fc.constantFrom('if (1)', 'while (0)', 'for (;;)', 'do'),
        (a, b, head) => {
          attempt(`{ ${a}; } ${head} { ${b}; } while (0);`);
        },
      ),
      { seed: 12, numRuns: 500 },
    );
  });

  test.each([
    ['blocks', '{'.repeat(5000)],
    ['ifs', 'if (1) '.repeat(5000)],
    ['loops', 'for_each_task (t) '.repeat(3000)],
    ['members', `a_pair${'.a'.repeat(5000)}`],
    ['stars', `${'*'.repeat(5000)}scratch`],
    ['declarators', `int ${'('.repeat(5000)}`],
    ['pointers', `int ${'*'.repeat(5000)}p;`],
    ['arrays', `int a${'[1]'.repeat(5000)};`],
    ['braces', `struct pair p = ${'{'.repeat(5000)}`],
    ['assignments', `int a; ${'a = '.repeat(5000)}1`],
    ['typeofs', `${'typeof('.repeat(5000)}1`],
    ['variables', 'char a[60000]; '.repeat(2)],
    ['a large array', 'int a[1 << 30];'],
    ['a list without end', `int a[] = { ${'1,'.repeat(20_000)} };`],
    ['statement expressions', '({'.repeat(5000)],
    ['switches', 'switch (1) '.repeat(5000)],
    ['definitions', `struct { ${'struct { '.repeat(5000)}`],
    [
      'structures in each other',
      within(40, n => `struct s${n} { struct s${n - 1} s; };`, 'struct s0 { int v; };'),
    ],
    ['types that double', within(40, n => `void (*f${n})(typeof(f${n - 1}), typeof(f${n - 1}));`, 'int f0;')],
    [
      'typedefs that double',
      within(40, n => `typedef void (*f${n})(f${n - 1}, f${n - 1});`, 'typedef int f0;'),
    ],
    [
      'typedefs of pointers',
      within(100, n => `typedef p${n - 1} ${'*'.repeat(60)}p${n};`, 'typedef int p0;'),
    ],
    [
      'large structures',
      within(40, n => `struct l${n} { struct l${n - 1} a[100]; };`, 'struct l0 { long l; };'),
    ],
    ['parameters', `int f(${'int,'.repeat(5000)}int);`],
  ])('a program with too many %s is refused', (_, program) => {
    expect(attempt(program)).toBe(false);
  });

  test('a chain of thousands of else-ifs compiles', () => {
    expect(attempt(`${'if (1); else '.repeat(5000)};`)).toBe(true);
  });

  test('statements nested to the limit compile', () => {
    expect(attempt(`${'({ '.repeat(60)}1${'; })'.repeat(60)}`)).toBe(true);
    expect(attempt(`${'switch (1) { case 1: '.repeat(60)};${'}'.repeat(60)}`)).toBe(true);
    expect(attempt(`switch (1) { ${Array.from({ length: 1900 }, (_, n) => `case ${n}: `).join('')} }`)).toBe(
      true,
    );
  });

  test('a program of 1900 statements compiles', () => {
    expect(attempt('counter++; '.repeat(1900))).toBe(true);
  });
});
