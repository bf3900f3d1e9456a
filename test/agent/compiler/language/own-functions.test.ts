import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyIr } from '../../../../agent/compiler/ir/index.ts';
import { GccKernel, type ProgramRun } from '../support/gcc-kernel.ts';
import { failureOf } from '../support/guarded.ts';
import { interpretToEnd } from '../support/run-to-end.ts';
import { smallKernel } from '../support/small-kernel.ts';
import { canBuild, TEST_CPUS } from '../support/test-cpus.ts';

const FIVE = 'static int five(void) { return 5; } ';

/** Program, and the text of its value. */
const VALUES: readonly (readonly [what: string, program: string, text: string])[] = [
  ['no parameter', `${FIVE}five() + five()`, '(int)10'],
  [
    'parameters',
    'static int minus(int a, int b) { return a - b; } minus(minus(9, 2), minus(4, 3))',
    '(int)6',
  ],
  ['converted arguments', 'static int low(unsigned char c) { return c; } int n = 0x1ff; low(n)', '(int)255'],
  ['a converted result', 'static unsigned char low(int c) { return c; } low(0x1ff)', '(unsigned char)255'],
  [
    'an early return',
    'int f(int x) { if (x < 0) return -1; for (;;) if (x-- == 3) return x; } f(7) * 10 + f(-4)',
    '(int)19',
  ],
  [
    'structures',
    'struct p { long a, b; }; static struct p swap(struct p x) { return (struct p){ x.b, x.a }; } swap(swap((struct p){ 1, 2 })).a * 10 + swap((struct p){ 3, 4 }).a',
    '(long)14',
  ],
  [
    'a structure that an argument changes',
    'struct p { long a; }; struct p v = { 1 }; static int set(void) { v.a = 7; return 1; } static long sum(struct p x, int y) { return x.a * 10 + y; } sum(v, set())',
    '(long)11',
  ],
  [
    'the address of a parameter',
    'static void add(int *p) { *p += 1; } static int f(int x) { add(&x); add(&x); return x; } f(40)',
    '(int)42',
  ],
  [
    'a static local',
    'static int count(void) { static int n = 3; return ++n; } count(); count(); count()',
    '(int)6',
  ],
  ['a local that starts again', 'static int f(void) { int n; n += 2; return n; } f(); f()', '(int)2'],
  [
    'arguments that are evaluated once',
    'int n = 0; static int next(void) { return ++n; } static int twice_(int x) { return x + x; } twice_(next()) * 10 + n',
    '(int)21',
  ],
  [
    'variables of the program before it',
    'int base = 40; static int plus(int x) { return base + x; } base++; plus(1)',
    '(int)42',
  ],
  [
    'a prototype',
    'static int odd(int); int even(int n) { return n < 0 ? 1 : odd(n); } static int odd(int n) { return n & 1; } even(3)',
    '(int)1',
  ],
  [
    'a void function',
    'int n = 1; static inline void add(int x) { if (x) { n += x; return; } n = 0; } add(4); n',
    '(int)5',
  ],
  ['a call of a kernel function', 'static int four(int x) { return twice(twice(x)); } four(3)', '(int)12'],
  [
    'a pointer to a function of the kernel',
    'static int call(int (*f)(int), int x) { return f(x); } call(twice, 4) + call(twice, 5)',
    '(int)18',
  ],
  [
    'its own labels',
    'static int f(int x) { int n = 0; again: n++; if (--x) goto again; return n; } int n = 0; again: n += f(3); if (n < 9) goto again; n',
    '(int)9',
  ],
  [
    'a switch in a loop',
    'static int f(int x) { int s = 0; for (int i = 0; i < x; i++) switch (i) { case 1: continue; case 4: return s; default: s += i; } return -1; } f(9) * 10 + f(2)',
    '(int)49',
  ],
  [
    'a statement expression that returns',
    'static int f(int x) { return ({ if (x > 2) return 100; x; }) + 1; } f(1) + f(3)',
    '(int)102',
  ],
  ['a function in a condition', `${FIVE}five() > 4 && five() < 6 ? five() : 0`, '(int)5'],
  ['a function in sizeof', 'static long f(int x) { return 1 / x; } sizeof(f(0))', '(unsigned long)8'],
  ['auto', `${FIVE}auto x = five(); __auto_type y = five(); x * y`, '(int)25'],
  [
    'tasks',
    'static int n(void) { int c = 0; for_each_task (t) { if (c == 2) return c; c++; } return c; } n() + n()',
    '(int)4',
  ],
  [
    'an unused one that is wrong for this kernel',
    `static inline int no(void) { return no_such(1); } ${FIVE}five()`,
    '(int)5',
  ],
  [
    'a program that ends with its functions',
    'static int f(int x); f(4); static int f(int x) { return x + 1; }',
    '(int)5',
  ],
  [
    'ten levels that call each other twice',
    `static int f0(int x) { return x + 1; } ${Array.from({ length: 10 }, (_, n) => `static int f${n + 1}(int x) { return f${n}(x) + f${n}(x); }`).join(' ')} f10(0)`,
    '(int)1024',
  ],
];

/** Programs that end otherwise. */
const ENDS: readonly (readonly [what: string, program: string, kind: string, message: RegExp])[] = [
  [
    'a require',
    'static int f(int x) { require(x > 2); return x; } f(3); f(1)',
    'skipped',
    /line 1, column 23: /,
  ],
  ['a division', 'static int f(int x) { return 7 / x; } f(1); f(0)', 'faulted', /division by zero/],
  [
    'a fault',
    'static int f(int *p) { return *p; } f((int *)8)',
    'faulted',
    /no memory for this access at 0x8/,
  ],
];

describe.each(TEST_CPUS.filter(canBuild))('functions of a program run in user space, $arch', cpu => {
  const kernel = new GccKernel(cpu);
  let runs = new Map<string, ProgramRun>();

  beforeAll(() => {
    const programs = [...VALUES, ...ENDS].map(([, program]) => program);
    const all = kernel.run(programs);
    runs = new Map(programs.map((program, index) => [program, all[index]!]));
  });
  afterAll(() => kernel.close());

  function expectSameInterpreted(program: string, { end, area }: ProgramRun): void {
    const call = kernel.compiler.compileWithoutModule(program, 'farcall_test');
    verifyIr(call.ir);
    if (call.image) return;
    const ours = interpretToEnd(call.interpret(kernel.memory()));
    expect(call.readResult(ours)).toEqual(end);
    expect(Buffer.from(ours)).toEqual(area);
  }

  test.each(VALUES)('a program with %s returns its value', (_what, program, text) => {
    const run = runs.get(program)!;
    expect(run.end).toMatchObject({ kind: 'returned', value: { text } });
    // usage of the task: what is held was given back
    expect(run.leftover.readInt32LE(12)).toBe(5);
    expectSameInterpreted(program, run);
    verifyIr(kernel.compiler.compile(program, 'farcall_test').ir);
  });

  test.each(ENDS)('a program that ends by %s in a function says so', (_what, program, kind, message) => {
    const run = runs.get(program)!;
    expect(run.end).toMatchObject({ kind, error: { message: expect.stringMatching(message) } });
    expectSameInterpreted(program, run);
  });
});

describe('what is no function of a program is refused', () => {
  const { compiler } = smallKernel();

  test.each<[string, string, RegExp]>([
    ['recursion', 'int f(int x) { return f(x); } f(1)', /cannot come back to itself by its calls: f -> f/],
    [
      'recursion over others',
      'int h(int); int f(int x) { return h(x); } int g(int x) { return f(x); } int h(int x) { return g(x); } g(1)',
      /line 1, column \d+: .*: (f -> h -> g -> f|g -> f -> h -> g|h -> g -> f -> h)/,
    ],
    ['too few arguments', 'int f(int x) { return x; } f()', /'f' takes 1 argument, not 0: int f\(int x\)/],
    ['an argument of another type', 'int f(int *x) { return *x; } f(get_task())', /argument 1 of 'f': /],
    ['a result of another type', 'int *f(void) { return get_task(); } f()', /the result of 'f': /],
    ['a value of a void function', 'void f(void) { return 1; } f()', /'f' returns void/],
    [
      'a definition that stands twice',
      'int f(void) { return 1; } int f(void) { return 1; } f()',
      /'f' is defined twice/,
    ],
    ['another prototype', 'long f(void); int f(void) { return 1; } f()', /'f' is declared with another type/],
    ['no definition', 'static int f(void); f()', /declares 'f', but does not define it/],
    ['a function in a block', '{ int f(void) { return 1; } }', /'f' is defined within a block/],
    ['a parameter without a name', 'int f(int) { return 1; } f(1)', /needs a name/],
    [
      'two parameters of one name',
      'int f(int a, int a) { return 1; } f(1, 2)',
      /two parameters are called 'a'/,
    ],
    ['variable arguments', 'int f(int a, ...) { return 1; } f(1, 2)', /only macros of a program can/],
    ['its address', 'int f(int a) { return a; } take_void(f)', /has no address in the kernel/],
    ['its address by &', 'int f(int a) { return a; } take_void(&f)', /has no address in the kernel/],
    [
      'a name of the language',
      'static void require(int x) { } require(0);',
      /'require' belongs to the language/,
    ],
    ['a name that is declared later', 'static int f(void) { return later; } int later = 1; f()', /'later'/],
    ['a name of its caller', 'static int f(void) { return inner; } { int inner = 1; f(); }', /'inner'/],
    ['a label of its caller', 'static void f(void) { goto out; } f(); out: ;', /'out'/],
    ['break out of its caller', 'static void f(void) { break; } for (;;) f();', /break outside/],
    ['an inline variable', 'inline int x; x', /cannot be inline/],
  ])('a program with %s is refused', (_what, program, message) => {
    const error = failureOf(() => compiler.compile(program, 'farcall_test'));
    expect(error.message).toMatch(message);
    expect(error.location).toBeDefined();
  });

  test('what is never called is named in a warning, if it is static and no header has it', () => {
    const program = 'static int f(void) { return 1; } static inline int g(void) { return 1; } get_int()';
    const { warnings } = compiler.compile(program, 'farcall_test');
    expect(warnings.map(({ message }) => message)).toEqual(["'f' is never used"]);
  });

  test('a function that is not called adds nothing to the module', () => {
    const plain = compiler.compile('get_int()', 'farcall_test');
    const unused = 'static inline int f(int x) { return get_long() + x; } get_int()';
    expect(compiler.compile(unused, 'farcall_test').image.length).toBe(plain.image.length);
  });

  test('a long chain of functions is compiled in a time that grows with its text', () => {
    const chain = Array.from({ length: 600 }, (_, n) => `int f${n + 1}(int x) { return f${n}(x) + 1; }`);
    const program = `int f0(int x) { return x; }\n${chain.join('\n')}\nf600(1)`;
    const { ir } = compiler.compile(program, 'farcall_test');
    expect(ir.blocks.length).toBeLessThan(10_000);
  });

  test('the effect of a program is that of its functions too', () => {
    const { compile } = { compile: (program: string) => compiler.compile(program, 'farcall_test').effect };
    expect(compile('static int f(int *p) { *p = 1; return 1; } f((int *)8)')).toBe('write');
    expect(compile('static int f(void) { return get_int(); } f()')).toBe('call');
    expect(compile('static inline int f(void) { return get_int(); } 1')).toBe('read');
  });
});
