import { describe, expect, test } from 'vitest';
import { preprocess } from '../../../../agent/compiler/preprocessor/index.ts';
import { spelledTokens } from '../support/spelled-tokens.ts';

describe('macros are replaced as C11 6.10.3 says', () => {
  test.each<[string, string, string]>([
    ['a value', '#define A 1 + 2\nA', '1 + 2'],
    [
      'arguments',
      '#define MAX(a, b) ((a) > (b) ? (a) : (b))\nMAX(x, 3)',
      '( ( x ) > ( 3 ) ? ( x ) : ( 3 ) )',
    ],
    ['no arguments', '#define F() 1\nF() F', '1 F'],
    ['an empty argument', '#define F(a) [a]\nF()', '[ ]'],
    ['commas within parentheses', '#define F(a) a\nF((1, 2))', '( 1 , 2 )'],
    ['arguments on several lines', '#define F(a, b) a b\nF(1,\n  2)', '1 2'],
    ['a name without parenthesis', '#define F(a) a\nF + F (2)', 'F + 2'],
    ['a blank before the parenthesis', '#define F (1)\nF', '( 1 )'],
    ['#', '#define S(x) #x\nS( a  +  "b\\n" )', '"a + \\"b\\\\n\\""'],
    ['# of what a macro stands for', '#define S(x) #x\n#define T(x) S(x)\n#define N 1\nS(N) T(N)', '"N" "1"'],
    ['##', '#define J(a, b) a ## b\nJ(x, 1) J(<, <=) J(1, u)', 'x1 <<= 1'],
    ['## with nothing', '#define J(a, b) [a ## b]\nJ(, x) J(x, ) J(,)', '[ x ] [ x ] [ ]'],
    ['three in a row', '#define J(a, b, c) a ## b ## c\nJ(x, , z)', 'xz'],
    ['variable arguments', '#define P(f, ...) p(f, __VA_ARGS__)\nP(1, 2, 3)', 'p ( 1 , 2 , 3 )'],
    [
      'GNU without arguments left',
      '#define P(f, ...) p(f, ##__VA_ARGS__)\nP(1) P(1, 2)',
      'p ( 1 ) p ( 1 , 2 )',
    ],
    ['GNU with a name', '#define P(f, args...) p(f, ##args)\nP(1) P(1, 2, 3)', 'p ( 1 ) p ( 1 , 2 , 3 )'],
    ['__VA_OPT__', '#define P(f, ...) p(f __VA_OPT__(,) __VA_ARGS__)\nP(1) P(1, 2)', 'p ( 1 ) p ( 1 , 2 )'],
    ['a macro within itself', '#define x x + 1\nx', 'x + 1'],
    ['two within each other', '#define a b\n#define b a\na b', 'a b'],
    [
      'C11 6.10.3.4, example: an unfinished call',
      '#define f(a) a*g\n#define g(a) f(a)\nf(2)(9)',
      '2 * 9 * g',
    ],
    [
      'the example of C11 6.10.3.3, 4',
      '#define h # ## #\n#define m(a) #a\n#define i(a) m(a)\n#define j(c, d) i(c h d)\nj(x, y)',
      '"x ## y"',
    ],
    ['a macro as argument of itself', '#define F(x) (x)\nF(F(1))', '( ( 1 ) )'],
    ['a module of the name of a macro', '#define nfsd 1\nx@nfsd', 'x @ nfsd'],
    ['a macro that is taken back', '#define A 1\nA\n#undef A\nA\n#define A 2\nA', '1 A 2'],
    ['the line', 'a\n__LINE__ __COUNTER__ __COUNTER__', 'a 2 0 1'],
    ['a definition over two lines', '#define A(x) \\\n  x + \\\n  1\nA(2)', '2 + 1'],
    [
      'the examples of C11 6.10.3.5, 5',
      '#define x 3\n#define f(a) f(x * (a))\n#undef x\n#define x 2\n#define g f\n#define z z[0]\n#define h g(~\n#define m(a) a(w)\n#define w 0,1\n#define t(a) a\nf(y+1) + f(f(z)) % t(t(g)(0) + t)(1);\ng(x+(3,4)-w) | h 5) & m(f)^m(m);',
      'f ( 2 * ( y + 1 ) ) + f ( 2 * ( f ( 2 * ( z [ 0 ] ) ) ) ) % f ( 2 * ( 0 ) ) + t ( 1 ) ; f ( 2 * ( 2 + ( 3 , 4 ) - 0 , 1 ) ) | f ( 2 * ( ~ 5 ) ) & f ( 2 * ( 0 , 1 ) ) ^ m ( 0 , 1 ) ;',
    ],
  ])('a macro with %s is replaced', (_what, program, expected) => {
    expect(spelledTokens(preprocess(program))).toBe(expected);
  });

  test.each<[string, string, RegExp]>([
    [
      'too few arguments',
      '#define F(a, b) a\nF(1)',
      /line 2, column 1: the macro 'F' takes 2 arguments, not 1/,
    ],
    ['arguments without an end', '#define F(a) a\nF(1', /the arguments of the macro 'F' have no end/],
    ['## that makes nothing', '#define J(a, b) a ## b\nJ(+, 1)', /'##' makes '\+1', which is no token/],
    ['# before no parameter', '#define S(x) #y\n', /'#' must stand before a parameter/],
    ['## at an end', '#define S(x) ## x\n', /cannot be at an end/],
    ['__VA_ARGS__ without ...', '#define S(x) __VA_ARGS__\n', /needs a macro that ends its parameters/],
    ['a parameter that stands twice', '#define S(x, x) x\n', /cannot be called 'x' here/],
    ['another definition', '#define A 1\n#define A 2\n', /'A' is already defined with another value/],
    ['another spelling of parameters', '#define A(x) x\n#define A(y) y\n', /already defined/],
    ['a name of the language', '#define require(x)\n', /'require' belongs to the language/],
    ['an unknown directive', '#line 3\n', /call programs have no #line 3/],
  ])('a macro with %s is refused', (_what, program, message) => {
    expect(() => preprocess(program)).toThrow(message);
  });

  test('an error in what a macro made shows the use and the definition', () => {
    const program = '#define LEN(x) ((x) * 1.5)\nint n = 4;\nLEN(n)';
    expect(() => preprocess(program)).toThrow(
      [
        'line 3, column 1: call programs cannot use floating-point numbers',
        '    LEN(n)',
        '    ^',
        "    in the macro 'LEN', line 1, column 23: 1.5)",
      ].join('\n'),
    );
  });

  test('an error in an argument shows the argument alone', () => {
    expect(() => preprocess('#define ID(x) x\nID(1.5)')).toThrow(/line 2, column 4: .*\n.*\n {7}\^$/);
  });
});

describe('what macros make is counted before it is made', () => {
  test('macros that double each other end as too large', () => {
    const lines = Array.from(
      { length: 40 },
      (_, index) => `#define A${index + 1}(x) A${index}(x) A${index}(x)`,
    );
    const started = process.hrtime.bigint();
    expect(() => preprocess(`#define A0(x) x x\n${lines.join('\n')}\nA40(1)`)).toThrow(
      expect.objectContaining({ code: 'PROGRAM_TOO_LARGE' }),
    );
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(10_000);
  });

  test('an argument that doubles itself ends as too large', () => {
    const nested = `${'D('.repeat(30)}x${')'.repeat(30)}`;
    expect(() => preprocess(`#define D(x) x x\n${nested}`)).toThrow(
      expect.objectContaining({ code: 'PROGRAM_TOO_LARGE' }),
    );
  });

  test.each([
    ['arguments', `#define F(x) x\n${'F('.repeat(9000)}1${')'.repeat(9000)}`],
    [
      'names',
      `${Array.from({ length: 2000 }, (_, index) => `#define A${index + 1} A${index}`).join('\n')}\nA2000`,
    ],
    ['conditions', '#if 1\n'.repeat(5000)],
    ['parentheses in a condition', `#if ${'('.repeat(9000)}`],
  ])('%s that are nested too deep are refused', (_what, program) => {
    expect(() => preprocess(program)).toThrow(/nested more than|levels of nesting|more than 131072 tokens/);
  });
});
