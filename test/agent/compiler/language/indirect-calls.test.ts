import { afterAll, describe, expect, test } from 'vitest';
import { verifyIr } from '../../../../agent/compiler/ir/index.ts';
import { GccKernel } from '../support/gcc-kernel.ts';
import { Random } from '../support/random-program.ts';
import { canBuild, TEST_CPUS } from '../support/test-cpus.ts';

/** Functions that no test may reach: what calls one dies. */
const FORBIDDEN = `
int forbidden(int value) { __builtin_trap(); }
int (*forbidden_pointer)(int) = forbidden;
int thrice(int value) { return 3 * value; }
int apply(int (*f)(int), int value) { return f ? f(value) : -1; }
struct ops { int (*run)(int); void *any; long number; };
struct ops good_ops = { thrice, (void *)thrice, (long)thrice }, bad_ops = { forbidden, (void *)forbidden, (long)forbidden };
struct ops middle_ops = { (int (*)(int))((char *)thrice + 4) }, other_ops = { (int (*)(int))fail };
`;

const TAKE = 'typedef int (*fn)(int);';
const EXTERN =
  'extern struct ops good_ops, bad_ops, middle_ops, other_ops; extern int (*forbidden_pointer)(int);';

/** Values that the compiler does not let become a pointer to a function. */
const NO_FUNCTIONS = [
  'extern char forbidden[]; ((int (*)(int))forbidden)(1)',
  '((int (*)(int))0xffffffff81000000)(1)',
  '((int (*)(int))(long)twice)(1)',
  '((int (*)(int))((char *)twice + 4))(1)',
  '(twice + 4)(1)',
  '(*(twice + 4))(1)',
  '(1 + twice)(1)',
  `${TAKE} fn f = twice; f++; f(1)`,
  `${TAKE} fn f = twice; f += 4; f(1)`,
  `${TAKE} fn f = (void *)twice; f(1)`,
  `${TAKE} fn f; f = (void *)twice; f(1)`,
  `${TAKE} fn f = { (void *)twice }; f(1)`,
  `${TAKE} ((fn){ (void *)twice })(1)`,
  `${EXTERN} ((int (*)(int))bad_ops.any)(1)`,
  `${EXTERN} ((int (*)(int))bad_ops.number)(1)`,
  `${TAKE} (1 ? (void *)twice : twice)(1)`,
  `${TAKE} fn f = twice; xchg(&f, (void *)hello); f(1)`,
  `${TAKE} struct s { fn f; } s = { (void *)twice }; s.f(1)`,
  `${TAKE} fn f[1] = { (void *)twice }; f[0](1)`,
  'extern int apply(void *, int); apply((void *)twice, 1)',
  'extern int apply(long, int); apply((long)twice, 1)',
  'extern int apply(int, ...); apply(1, 2)',
  'apply((void *)twice, 1)',
] as const;

/** Ways around the types, all of which the check before the call must stop. */
const FORGED = [
  `${TAKE} union { long l; fn f; } u; u.l = (long)&counter; u.f(1)`,
  `${TAKE} ${EXTERN} union { long l; fn f; } u; u.l = bad_ops.number; u.f(1)`,
  `${TAKE} ${EXTERN} long l = bad_ops.number; (*(fn *)&l)(1)`,
  `${TAKE} ${EXTERN} fn f = twice; long *p = (long *)&f; *p = bad_ops.number; f(1)`,
  `${TAKE} ${EXTERN} fn f = twice; char *p = (char *)&f; for (int i = 0; i < 8; i++) p[i] = ((char *)&bad_ops)[i]; f(1)`,
  `${TAKE} fn f; f(1)`,
  `${TAKE} union { long l; fn f; } u = { .f = twice }; u.l += 4; u.f(1)`,
  `${TAKE} struct { char pad[4]; fn f; } s; s.f(1)`,
  `${EXTERN} bad_ops.run(1)`,
  `${EXTERN} forbidden_pointer(1)`,
  `${EXTERN} middle_ops.run(1)`,
  `${EXTERN} other_ops.run(1)`,
  `${EXTERN} struct ops o = bad_ops; o.run(1)`,
  `${EXTERN} apply(bad_ops.run, 1)`,
  `${EXTERN} apply(forbidden_pointer, 1)`,
  `${TAKE} ${EXTERN} fn f[2] = { twice, thrice }; ((long *)f)[1] = bad_ops.number; f[1](1)`,
  `${TAKE} ${EXTERN} fn f = 1 ? bad_ops.run : twice; f(1)`,
  `extern int (*forbidden)(int); (*forbidden)(1)`,
] as const;

describe.each(TEST_CPUS)('a call through a pointer ($arch)', cpu => {
  const kernel = canBuild(cpu) ? new GccKernel(cpu, FORBIDDEN) : undefined;
  afterAll(() => kernel?.close());

  test.skipIf(!kernel).each(NO_FUNCTIONS)(
    'a call through a pointer is no call of a value that is no function: %s',
    program => {
      const compile = (): unknown => kernel!.compiler.compile(program, 'farcall_test');
      expect(compile).toThrow(/does not become|C does not define|must be declared as one|cannot be called/);
    },
  );

  test.skipIf(!kernel)('the program ends before it calls a function that the policy denies, or none', () => {
    const permitted = kernel!.permitted(['forbidden']);
    const runs = kernel!.run(FORGED, { permitted });
    for (const [index, { status, end }] of runs.entries()) {
      expect({ program: FORGED[index], status }).toEqual({ program: FORGED[index], status: 0 });
      const failed = end.kind === 'returned' ? undefined : end.error.code;
      expect({ program: FORGED[index], failed }).toEqual({
        program: FORGED[index],
        failed: 'POLICY_REFUSED',
      });
    }
  });

  test.skipIf(!kernel)('the function that the pointer holds is called if the policy permits it', () => {
    const rows = [
      [`${EXTERN} good_ops.run(7)`, '(int)21'],
      [`${EXTERN} apply(good_ops.run, 7)`, '(int)21'],
      [`${EXTERN} apply(0, 7)`, '(int)-1 /* -EPERM */'],
      [`${EXTERN} struct ops *o = &good_ops; (*o->run)(2)`, '(int)6'],
      [
        `int (*f[2])(int) = { twice, thrice }; int s = 0; for (int i = 0; i < 2; i++) s += f[i](1); s`,
        '(int)5',
      ],
      ['union { long l; int (*f)(int); } u; u.l = (long)twice; u.f(4)', '(int)8'],
    ] as const;
    const runs = kernel!.run(
      rows.map(([program]) => program),
      { permitted: kernel!.permitted(['forbidden']) },
    );
    const texts = runs.map(({ end }) => (end.kind === 'returned' ? end.value.text : end.error.message));
    expect(texts).toEqual(rows.map(([, text]) => text));
  });

  test.skipIf(!kernel)('the outcome is refused only if the program had done nothing before', () => {
    const permitted = kernel!.permitted(['forbidden']);
    const before = `${EXTERN} bad_ops.run(1)`;
    const runs = kernel!.run([before, `${EXTERN} counter = 1; bad_ops.run(1)`, `hello(); ${before}`], {
      permitted,
    });
    expect(runs.map(({ end }) => end.kind)).toEqual(['refused', 'faulted', 'faulted']);
    expect(runs[0]!.end).toMatchObject({ error: { message: /what the pointer holds, forbidden/ } });
  });

  test.skipIf(!kernel)('a function that the program names, and puts in a variable, is called by name', () => {
    const named = [
      'int (*f)(int) = twice; f(1)',
      '(&twice)(1)',
      '(*twice)(1)',
      'int (*f)(int) = counter ? twice : thrice; f(1)',
      'int (*f)(int); if (counter) f = twice; else f = thrice; f(1)',
      'struct { int (*f)(int); } a = { thrice }, b; b = a; b.f(1)',
      'apply(twice, 1)',
    ];
    for (const program of named) {
      const call = kernel!.compiler.compile(program, 'farcall_test');
      expect({ program, indirect: call.indirectCalls }).toEqual({ program, indirect: [] });
      expect(call.callees.map(({ name }) => name)).toContain(/thrice/.test(program) ? 'thrice' : 'twice');
      verifyIr(call.ir);
    }
  });

  test.skipIf(!kernel)('the compiler knows it as such, whatever hides it', () => {
    const permitted = kernel!.permitted(['forbidden']);
    const hidden = [...FORGED.slice(1), `${EXTERN} if (0) bad_ops.run(1);`];
    for (const program of hidden) {
      const { indirectCalls, effect } = kernel!.compiler.compile(program, 'farcall_test', permitted);
      expect({ program, calls: indirectCalls.length > 0 }).toEqual({ program, calls: true });
      expect(effect).not.toBe('read');
    }
  });

  test.skipIf(!kernel)('random programs do not reach a function that the policy denies', () => {
    const permitted = kernel!.permitted(['forbidden']);
    const programs = Array.from({ length: 600 }, (_, seed) => randomForgery(new Random(seed)));
    const compiled = programs.filter(program => {
      try {
        kernel!.compiler.compile(program, 'farcall_test', permitted);
        return true;
      } catch {
        return false;
      }
    });
    expect(compiled.length).toBeGreaterThan(100);
    const runs = kernel!.run(compiled, { permitted });
    const died = runs.flatMap(({ status }, index) => (status === 0 ? [] : [compiled[index]]));
    expect(died).toEqual([]);
    const kinds = new Set(runs.map(({ end }) => end.kind));
    expect(kinds).toContain('refused');
    expect(kinds).toContain('returned');
  });
});

/** A program that moves functions, numbers and bytes through its variables, and calls what is there. */
function randomForgery(random: Random): string {
  const sources = [
    'twice',
    'thrice',
    '&twice',
    'good_ops.run',
    'bad_ops.run',
    'middle_ops.run',
    'bad_ops.any',
    'bad_ops.number',
    'good_ops.number',
    'u.f',
    'f',
    'l',
    'a[1]',
    '(long)twice + 4',
    '(void *)thrice',
    '0',
  ];
  const targets = [
    'u.f',
    'u.l',
    'f',
    'l',
    'a[0]',
    'a[1]',
    '*(long *)&f',
    '*(long *)&a[1]',
    's.f',
    '*(fn *)&l',
  ];
  const casts = ['', '', '(long)', '(fn)', '(void *)'];
  const calls = [
    'u.f(1)',
    'f(1)',
    'a[1](1)',
    's.f(1)',
    '(*(fn *)&l)(1)',
    'apply(f, 1)',
    'apply(a[0], 1)',
    'twice(1)',
  ];
  const lines = [
    `${TAKE} ${EXTERN} union { long l; fn f; } u = {}; fn f = twice; long l = 0; fn a[2] = { twice, thrice };`,
  ];
  lines.push('struct { long pad; fn f; } s = {}; int sum = 0;');
  const count = 1 + random.next(6);
  for (let line = 0; line < count; line++) {
    const value = `${random.of(casts)}${random.of(sources)}`;
    lines.push(random.next(3) === 0 ? `sum += ${random.of(calls)};` : `${random.of(targets)} = ${value};`);
  }
  return `${lines.join(' ')} sum += ${random.of(calls)}; sum`;
}
