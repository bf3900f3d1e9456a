import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parameterValuesText, withLibrary } from '../../../../shared/library/index.ts';
import { failureOf } from '../support/guarded.ts';
import { memoryOf } from '../support/memory-of.ts';
import { interpretToEnd, runToEnd } from '../support/run-to-end.ts';
import { smallKernel } from '../support/small-kernel.ts';

const { compiler } = smallKernel();

function returned(program: string): string {
  const call = compiler.compileWithoutModule(program, 'farcall_test');
  if (call.image) throw new Error('it does more than read');
  const end = call.readResult(interpretToEnd(call.interpret(memoryOf([]))));
  if (end.kind !== 'returned') throw end.error;
  return end.value.text;
}

const refusal = (program: string): { code: string; message: string } =>
  failureOf(() => compiler.compile(program, 'farcall_test')) as never;

describe('a parameter', () => {
  test.each([
    ['a number', 'parameter int N in 2..9 = 4; N + 1', '(int)5'],
    ['a number below 0', 'parameter int N in -9..-2 = -4; N * 2', '(int)-8'],
    ['a number that needs 64 bits', 'parameter int N in 0..5000000000 = 3; N', '(long)3'],
    ['a text', 'parameter string S in 1..15 matches "nf*" = "nfsd"; S[2]', '(char)115'],
    ['an enumerator', 'parameter enum C in RED, BLUE = BLUE; C', '(int)2'],
    [
      'one of two, with a comment between',
      'parameter int A in 1..2 = 1; // x\nparameter int B in 1..2 = 2; B - A',
      '(int)1',
    ],
    ['used in a function', 'parameter int N in 2..9 = 4; static int f(void) { return N; } f()', '(int)4'],
    ['a member of the same name', 'parameter int a in 1..2 = 1; struct pair p = { .a = 7 }; p.a', '(long)7'],
  ])('a parameter is %s', (_what, program, value) => {
    expect(returned(program)).toBe(value);
  });

  test('a parameter has the type of its bounds, whatever its value is', () => {
    const of = (value: string): string => returned(`parameter int N in 0..5000000000 = ${value}; sizeof(N)`);
    expect(of('1')).toBe(of('5000000000'));
  });

  test.each([
    ['the number below its bounds', 'parameter int N in 2..9 = 1; N', /N is not in 2\.\.9/],
    ['the number above its bounds', 'parameter int N in 2..9 = 10; N', /N is not in 2\.\.9/],
    ['bounds with nothing in them', 'parameter int N in 9..2 = 4; N', /nothing is in 9\.\.2/],
    ['a text that is too long', 'parameter string S in 1..3 = "nfsd"; S', /has 4 bytes/],
    ['a text of another form', 'parameter string S in 1..9 matches "nf*" = "xnf"; S', /does not match/],
    ['a text with a NUL', 'parameter string S in 1..9 = "a\\0b"; S', /NUL/],
    ['a text that is no UTF-8', 'parameter string S in 1..9 = "\\xff"; S', /UTF-8/],
    ['another enumerator', 'parameter enum C in RED, BLUE = GREEN; C', /is none of RED, BLUE/],
    ['an enumerator that this kernel does not have', 'parameter enum C in RED, PINK = RED; C', /PINK/],
    ['a symbol that is a function', 'parameter symbol S in get_int = get_int; S', /'get_int' is a function/],
    ['no value and no preset', 'parameter int N in 2..9; N', /nobody gave a value/],
    ['a second one of the name', 'parameter int N in 2..9 = 4; parameter int N in 2..9 = 4; N', /twice/],
    ['a name of the kernel', 'parameter int get_int in 2..9 = 4; get_int', /a name of this kernel/],
    ['a word of the language', 'parameter int NULL in 2..9 = 4; NULL', /belongs to the language/],
    [
      'a place behind a statement',
      'int a = 1; parameter int N in 2..9 = 4; N + a',
      /stand before everything/,
    ],
    ['a place within a block', '{ parameter int N in 2..9 = 4; }', /outside of all blocks/],
    ['a macro of its name', 'parameter int N in 2..9 = 4;\n#define N 8\nN', /no directive can use it/],
    [
      'a macro of its name before it',
      '#define N M\nparameter int N in 2..9 = 4;\n#undef N\nN',
      /no directive/,
    ],
    ['an #undef', 'parameter int N in 2..9 = 4;\n#undef N\nN', /no directive can use it/],
    ['an #if', 'parameter int N in 2..9 = 4;\n#if N > 3\n1\n#endif', /no directive can use it/],
    ['an #ifdef', 'parameter int N in 2..9 = 4;\n#ifdef N\n1\n#endif', /no directive can use it/],
    ['a defined()', 'parameter int N in 2..9 = 4;\n#if defined(N)\n1\n#endif', /no directive can use it/],
    ['the length of an array', 'parameter int N in 2..9 = 4; int a[N]; 1', /constant/],
    ['a case', 'parameter int N in 2..9 = 4; switch (1) { case N: return 1; } 2', /constant/],
    ['a _Static_assert', 'parameter int N in 2..9 = 4; _Static_assert(N > 2, "no"); 1', /constant/],
    [
      'a condition of __builtin_choose_expr',
      'parameter int N in 2..9 = 4; __builtin_choose_expr(N, 1, 2)',
      /constant/,
    ],
    ['an assignment', 'parameter int N in 2..9 = 4; N = 5; N', /lvalue|assign/],
    ['the format of a call', 'parameter string S in 1..9 = "a"; _printk(S)', /cannot be the format/],
  ])('a parameter is refused for %s', (_what, program, why) => {
    expect(refusal(program).message).toMatch(why);
  });

  test('a parameter leaves callees and effect as they are, where a value would decide a condition', () => {
    const plan = (value: number): unknown => {
      const { effect, callees } = runToEnd(
        compiler.plan(`parameter int N in 0..9 = ${value}; if (N == 4) get_int(); N`, 'unread'),
      );
      return { effect, callees };
    };
    expect(plan(0)).toEqual(plan(4));
    expect(plan(0)).toMatchObject({ effect: 'call', callees: [{ name: 'get_int' }] });
  });

  test('the word parameter is a name like any other where a program has a variable of that name', () => {
    expect(returned('int parameter = 3; parameter + 1')).toBe('(int)4');
  });
});

describe('a value that is given', () => {
  const DECLARED =
    'parameter int PID in 2..4194304 = 2;\nparameter string COMM in 1..15 matches "nf*" = "nfsd";\n';
  const given = (values: Readonly<Record<string, string>>, program: string): string =>
    withLibrary({
      program: DECLARED + program,
      values: parameterValuesText(new Map(Object.entries(values))),
    });

  test.each([
    ['at its least', '2'],
    ['at its most', '4194304'],
  ])('a given value takes the place of the preset %s', (_where, value) => {
    expect(returned(given({ PID: value }, 'PID'))).toBe(`(int)${value}`);
  });

  test.each([
    ['below its bounds', { PID: '1' }],
    ['above its bounds', { PID: '4194305' }],
    ['that is C', { PID: '2; panic("x")' }],
    ['that is C for a number within its bounds', { PID: '1+1' }],
    ['with a blank before it', { PID: ' 2' }],
    ['in hexadecimal digits', { PID: '0x2' }],
    ['with a zero before it', { PID: '02' }],
    ['with a sign', { PID: '+2' }],
    ['that is empty', { PID: '' }],
    ['with a line behind it', { PID: '2\n' }],
    ['of another form', { COMM: 'xnfsd' }],
    ['of more bytes', { COMM: 'nfsd567890123456' }],
    ['of more bytes, though of fewer characters', { COMM: 'nf\u{1f600}\u{1f600}\u{1f600}\u{1f600}' }],
    ['with a NUL', { COMM: 'nf\0' }],
    ['for no parameter', { PIDS: '2' }],
  ])('a given value is refused as PARAMETER_VALUE %s', (_what, values) => {
    const error = refusal(given(values as Record<string, string>, 'PID'));
    expect(error.code).toBe('PARAMETER_VALUE');
  });

  test.each([
    'nf"',
    "nf'",
    'nf\\',
    'nf\n#define x',
    'nf */ panic(',
    'nf"); panic("',
    'nf%s%n',
    'nf\u2028',
    '\u0000'.replace('\u0000', 'nf@x'),
  ])('a given text stays the bytes of its text: %j', text => {
    const bytes = Buffer.from(text);
    for (const [at, byte] of [...bytes, 0].entries())
      expect(returned(given({ COMM: text }, `(unsigned char)COMM[${at}]`))).toContain(`)${byte}`);
    expect(
      compiler.compile(given({ COMM: text }, 'get_int(); COMM[0]'), 'farcall_test').callees,
    ).toHaveLength(1);
  });

  test('values in JSON that is not the one text for them are refused', () => {
    const text = '/* farcall values: {"PID": "3"} */\nparameter int PID in 2..9 = 2; PID';
    expect(refusal(text).code).toBe('PARAMETER_VALUE');
  });

  test('a given value leaves the modules that the program names as they are', () => {
    const error = refusal(given({ PID: '3' }, 'no_such@nfsd(PID)'));
    expect(error.message).toMatch(/nfsd/);
  });

  test('a random text or number is taken for a parameter only within its bounds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.bigInt({ min: -5n, max: 4_194_310n }).map(String)), value => {
        const within = /^[1-9][0-9]*$/.test(value) && BigInt(value) >= 2n && BigInt(value) <= 4_194_304n;
        const outcome = ((): string => {
          try {
            return returned(given({ PID: value }, 'PID'));
          } catch (error) {
            return (error as { code: string }).code;
          }
        })();
        expect(outcome).toBe(within ? `(int)${value}` : 'PARAMETER_VALUE');
      }),
      { numRuns: 400 },
    );
  });
});
