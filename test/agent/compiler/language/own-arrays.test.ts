import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyIr } from '../../../../agent/compiler/ir/index.ts';
import { GccKernel, type ProgramRun } from '../support/gcc-kernel.ts';
import { interpretToEnd } from '../support/run-to-end.ts';
import { smallKernel } from '../support/small-kernel.ts';
import { canBuild, TEST_CPUS } from '../support/test-cpus.ts';

/** What is written, by a program that only reads the kernel; and its value. */
const WITHIN: readonly (readonly [what: string, program: string, text: string])[] = [
  ['an element', 'int a[4]; int i = 2; a[i] = 7; a[i] * 10 + a[1]', '(int)70'],
  ['the first and the last', 'char a[4]; long i = 0; a[i] = 1; a[i + 3] = 2; a[0] * 10 + a[3]', '(int)12'],
  ['a counter', 'int a[3]; for (int i = 0; i < 9; i++) a[i % 3] += i; a[0] * 100 + a[2]', '(int)915'],
  [
    'a member',
    'struct { int n[2]; char c; } s[3]; int i = 1; s[i].n[i] = 5; s[i].c = 6; s[1].n[1] * 10 + s[1].c',
    '(int)56',
  ],
  [
    'an array in an array',
    'int a[2][2]; int i = 1; a[i][i] = 3; a[i][0] = 4; a[1][1] * 10 + a[1][0]',
    '(int)34',
  ],
  [
    'a static array of a function',
    'static int next(void) { static int a[2]; int i = 1; return ++a[i]; } next(); next(); next()',
    '(int)3',
  ],
];

/** Attacks: each would write to what is not the variable, and counts as a read all the same. */
const BEYOND: readonly (readonly [what: string, program: string])[] = [
  ['behind an array', 'char a[8]; int i = 8; a[i] = 1; 1'],
  ['before an array', 'char a[8]; int i = -1; a[i] = 1; 1'],
  ['across the end of an array', 'char a[8]; long i = 5; *(int *)(a + i) = 1; 1'],
  ['at an address of the kernel', 'char a[8]; long i = 0xffff888000000000L - (long)a; a[i] = 1; 1'],
  ['with more bytes than the array has', 'char a[2]; long i = 0; *(long *)(a + i) = 1; 1'],
  ['in an array within a structure', 'struct { int n[2]; } s[2]; long i = 4; s[i].n[i] = 1; 1'],
];

describe.each(TEST_CPUS.filter(canBuild))('arrays of a program, $arch', cpu => {
  const kernel = new GccKernel(cpu);
  let runs = new Map<string, ProgramRun>();

  beforeAll(() => {
    const programs = [...WITHIN, ...BEYOND].map(([, program]) => program);
    const all = kernel.run(programs);
    runs = new Map(programs.map((program, index) => [program, all[index]!]));
  });
  afterAll(() => kernel.close());

  function interpreted(program: string): ReturnType<typeof kernel.compiler.compileWithoutModule> {
    const call = kernel.compiler.compileWithoutModule(program, 'farcall_test');
    verifyIr(call.ir);
    return call;
  }

  test.each(WITHIN)('a program that writes %s of its own only reads the kernel', (_what, program, text) => {
    expect(runs.get(program)!.end).toMatchObject({ kind: 'returned', value: { text } });
    const call = interpreted(program);
    if (call.image) throw new Error(`the effect is ${call.effect}`);
    const end = call.readResult(interpretToEnd(call.interpret(kernel.memory())));
    expect(end).toEqual(runs.get(program)!.end);
  });

  test.each(BEYOND)('a program that writes %s ends before it does', (_what, program) => {
    const { end } = runs.get(program)!;
    expect(end).toMatchObject({ kind: 'faulted' });
    const call = interpreted(program);
    expect(call.effect).toBe('read');
    if (!call.image)
      expect(call.readResult(interpretToEnd(call.interpret(kernel.memory())))).toMatchObject({
        kind: 'faulted',
      });
  });
});

test('a write through a pointer of which nobody knows where it leads is a write', () => {
  const { compiler } = smallKernel();
  for (const program of [
    'char a[8]; char *p = a; *p = 1;',
    'static void f(char *p) { p[1] = 1; } char a[8]; f(a);',
  ])
    expect(compiler.compile(program, 'farcall_test').effect).toBe('write');
});
