import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IrProgram, verifyIr } from '../../../../agent/compiler/ir/index.ts';
import type { GccKernel, ProgramRun } from '../support/gcc-kernel.ts';
import { failureOf } from '../support/guarded.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { ANY_CPU, canBuild, TEST_CPUS } from '../support/test-cpus.ts';
import { probedKernel } from './probed-kernel.ts';

interface Watched {
  readonly program: string;
  /** Its rows, the counts of its watches among them. */
  readonly rows: readonly string[];
  readonly text: string;
}

function counts(
  hits: number,
  entered: number,
  { abandoned = 0, braked = 0, slow = 0, missed = entered } = {},
): string {
  return `(struct watch){ .hits = ${hits}, .entered = ${entered}, .missed = ${missed}, .abandoned = ${abandoned}, .dropped = 0, .braked = ${braked}, .slow = ${slow} }`;
}

const WATCHED: Readonly<Record<string, Watched>> = {
  'arguments of every size, by registers and by the stack': {
    program:
      'watch (wide, a, b, c, d, e, f, g, h, i, j) for_ms (100) until (1) report(a, b, c, d, e, f, g, h, i, j);',
    rows: [
      '(signed char)-2 (unsigned short)32768 (int)-7 (long)-8 (struct two){ .a = 11, .b = 12 } (long)13 (long)14 (int)-7 (long)16 (unsigned char)255',
      counts(1, 1),
    ],
    text: '(void)',
  },
  'a variable of the program in its body': {
    program: 'int n = 10; watch (few, a) for_ms (100) until (3) { n += a; n++; } n',
    rows: [counts(3, 3)],
    text: '(int)16',
  },
  'a hit that the body counts itself': {
    program:
      'int seen = 0; watch (few, a) for_ms (100) until (2) { int odd = a & 1; if (odd) { seen = a; hit(); } } seen',
    rows: [counts(2, 4)],
    text: '(int)3',
  },
  'a function that nobody enters': {
    program: 'watch (never) for_ms (10); 5',
    rows: [counts(0, 0, { missed: 9 })],
    text: '(int)5',
  },
  'a body with a bad access in one run': {
    program: 'int n = 0; watch (few, a) for_ms (20) { if (a == 3) *(int *)0; n++; } n',
    rows: [counts(19, 19, { abandoned: 1 })],
    text: '(int)18',
  },
  'a body with a loop without an end': {
    program: 'watch (few, a) for_ms (100) until (2) while (1); 4',
    rows: [counts(2, 2, { abandoned: 2 })],
    text: '(int)4',
  },
  'a function that is entered too often': {
    program: 'watch (few, a) for_ms (1000) at_most (3) until (9) report(a);',
    rows: ['(int)0', '(int)1', '(int)2', counts(3, 4, { braked: 1 })],
    text: '(void)',
  },
  'a rate that lasts for seconds': {
    program: 'watch (few, a) for_ms (2500) at_most (1200); 1',
    rows: [counts(2499, 2499)],
    text: '(int)1',
  },
  'a function of the program in its body': {
    program:
      'static int counted(int a) { static int calls; calls++; return a * 2 + calls; } int s = 0; watch (few, a) for_ms (100) until (3) s += counted(a); s + counted(0)',
    rows: [counts(3, 3)],
    text: '(int)16',
  },
  'strings and a function that takes no lock': {
    program: 'watch (few, a) for_ms (100) until (1) report("seen", sched_clock() > 0);',
    rows: ['(char *)"seen" (int)1', counts(1, 1)],
    text: '(void)',
  },
  'what a function returned': {
    program: 'watch_return (few, ret) for_ms (100) until (3) report(ret, sizeof(ret));',
    rows: [
      '(int)0 (unsigned long)4',
      '(int)1 (unsigned long)4',
      '(int)2 (unsigned long)4',
      counts(3, 3, { missed: 9 }),
    ],
    text: '(void)',
  },
  'how long a function took': {
    program: 'watch_return (few) for_ms (100) until (2) { long ns = elapsed_ns(); report(ns); }',
    rows: ['(long)7', '(long)7', counts(2, 2, { missed: 6 })],
    text: '(void)',
  },
  'returns that the body counts, and entries behind them': {
    program:
      'int n = 0; watch_return (few, ret) for_ms (100) until (1) if (ret == 2 && elapsed_ns() < 100) { n = ret; hit(); } watch (few, a) for_ms (100) until (1) n += 10 * a; n',
    rows: [counts(1, 3, { missed: 9 }), counts(1, 1)],
    text: '(int)32',
  },
  'the time since the host started': {
    program: 'watch (few, a) for_ms (100) until (1) report(boot_ns());',
    rows: ['(unsigned long)4242', counts(1, 1)],
    text: '(void)',
  },
  'the functions that called it': {
    program:
      'int known = 0; watch (few, a) for_ms (100) until (1) { auto s = stack_here(); known = s.ip[0] == few; for (int i = 1; i < 16; i++) known += 10 * (s.ip[i] == wide) + 100 * (s.ip[i] == 0); } known > 1300',
    rows: [counts(1, 1)],
    text: '(int)1',
  },
  'a body that takes too long': {
    program:
      'extern unsigned long slow_ns; slow_ns = 5000000; int n = 0; watch (few, a) for_ms (5000) at_most (1000) n++; n',
    rows: [counts(256, 256, { slow: 1 })],
    text: '(int)256',
  },
  'the first of several': {
    program:
      'int f = 0, w = 0; watch_any { watch (few, a) for_ms (100) { f++; if (a == 3) hit(); } watch (wide) for_ms (100) until (3) w++; watch_return (few, r) for_ms (100) until (5) report(r); } f * 10 + w',
    rows: [...['(int)0', '(int)1', '(int)2'], ...[counts(0, 3), counts(3, 3), counts(3, 3, { missed: 9 })]],
    text: '(int)33',
  },
  'all of several, each as long as it has hits to come': {
    program:
      'watch_all { watch (few) for_ms (100) until (2); watch (wide) for_ms (100) until (4); watch (few) for_ms (5); watch (few) for_ms (1000) at_most (2); } 1',
    rows: [counts(2, 2), counts(4, 4), counts(3, 3), counts(2, 3, { braked: 1 })],
    text: '(int)1',
  },
  'an instruction inside of a function': {
    program: 'int n = 0; watch (few + 4) for_ms (100) until (2) n++; n',
    rows: [counts(2, 2)],
    text: '(int)2',
  },
  'counts in an array of the program, by what it sees': {
    program:
      'unsigned n[3] = {0}; watch (few, a) for_ms (100) until (7) n[a % 3] += 2; watch (few, a) for_ms (100) until (2) { n[9 + a] = 1; n[0] = 100; } report(n);',
    rows: [counts(7, 7), counts(2, 2, { abandoned: 2 }), '(unsigned int [3]){ 6, 4, 4 }'],
    text: '(void)',
  },
  'the clone that is left of a function': {
    program: 'int n = 0; watch (cloned) for_ms (100) until (2) n++; n',
    rows: [counts(2, 2)],
    text: '(int)2',
  },
  'one watch behind another': {
    program: 'int n = 0; for (int i = 0; i < 3; i++) watch (few) for_ms (100) until (2) n++; n',
    rows: [counts(2, 2), counts(2, 2), counts(2, 2)],
    text: '(int)6',
  },
  'a write in its body': {
    program: 'extern int counter; watch (few, a) for_ms (100) until (1) counter = 44; counter',
    rows: [counts(1, 1)],
    text: '(int)44',
  },
};

/** Programs that end in or behind a watch, and how. */
const ENDS: readonly (readonly [program: string, kind: string, message: RegExp])[] = [
  ['extern int killed_at; killed_at = 1; watch (few) for_ms (100); 3', 'skipped', /ended by a signal/],
  [
    'extern int refusal; refusal = -22; watch (few) for_ms (100); 3',
    'skipped',
    /refused the probe of this watch: EINVAL/,
  ],
  [
    'extern int refusal; refusal = -84; watch_any { watch (few) for_ms (100); watch (few + 4) for_ms (100); } 3',
    'skipped',
    /EILSEQ; no instruction begins at this offset/,
  ],
  [
    'watch_all { watch (few) for_ms (100); watch (wide) for_ms (100) *(int *)0; } *(int *)0',
    'faulted',
    /no memory/,
  ],
  ['watch (few) for_ms (100) until (1); *(int *)0', 'faulted', /no memory/],
  ['watch (few) for_ms (100) until (1); require(0)', 'skipped', /condition/],
];

describe.each(TEST_CPUS.filter(canBuild))('a watch, $arch', cpu => {
  const names = Object.keys(WATCHED);
  let kernel: GccKernel;
  let runs: ProgramRun[];

  beforeAll(() => {
    kernel = probedKernel(cpu);
    runs = kernel.run([...names.map(name => WATCHED[name]!.program), ...ENDS.map(([program]) => program)]);
  });
  afterAll(() => kernel.close());

  test.each(names.map((name, index) => ({ name, index })))('a watch sees $name', ({ name, index }) => {
    const { end } = runs[index]!;
    const value = end.kind === 'returned' ? end.value.text : end.error.message;
    const rows = end.rows.map(({ values }) => values.map(({ text }) => text).join(' '));
    expect({ value, rows }).toEqual({ value: WATCHED[name]!.text, rows: WATCHED[name]!.rows });
  });

  test.each(ENDS.map((each, index) => [...each, index] as const))(
    'the program %s is %s',
    (_program, kind, message, index) => {
      const { end } = runs[names.length + index]!;
      expect(end.kind).toBe(kind);
      expect(end.kind === 'returned' ? '' : end.error.message).toMatch(message);
    },
  );

  test('no probe is left behind, however the program ends', () => {
    for (const { status, leftover } of runs)
      expect([status, leftover.readInt32LE(0), leftover.readInt32LE(20)]).toEqual([0, 0, 0]);
  });

  test('a handler writes each temporary before it reads it', () => {
    for (const name of names)
      for (const handler of kernel.compiler.compile(WATCHED[name]!.program, 'farcall_test').ir.handlers)
        verifyIr({ ...handler, resultBytes: 0, rowsBytes: 0, handlers: [] } satisfies IrProgram);
  });
});

describe.skipIf(!ANY_CPU)('the counts of a watch', () => {
  const kernel = ANY_CPU && probedKernel(ANY_CPU);
  afterAll(() => kernel?.close());

  test('the counts of a watch are told however many rows its body has reported', () => {
    const program = 'watch (few, a) for_ms (5000) until (600) { int many[20] = {a}; report(many); } 1';
    const { end } = kernel!.run([program])[0]!;
    expect(end.rows.length).toBeLessThan(600);
    expect(end.droppedRows).toBeGreaterThan(0);
    expect(end.rows.length + end.droppedRows).toBe(601);
    expect(end.rows.at(-1)!.values[0]!.text).toBe(counts(600, 600));
  });
});

const REFUSED: readonly (readonly [program: string, message: RegExp])[] = [
  ['watch (few, a) until (1) ;', /expected 'for_ms/],
  ['watch (few, a) for_ms (0);', /for_ms takes 1 to 3600000, not 0/],
  ['int t = 4; watch (few, a) for_ms (t);', /constant/],
  ['watch (few, a, b) for_ms (10);', /'few' has 1 parameter: int few\(int a\)/],
  [
    'watch (few, a) for_ms (10) schedule_timeout_killable(1);',
    /'schedule_timeout_killable' cannot be called: it may sleep/,
  ],
  [
    'static void f(void) { twice(1); } watch (few) for_ms (10) f();',
    /'f' cannot be called: 'twice' cannot be called/,
  ],
  ['watch (few) for_ms (10) watch (wide) for_ms (10);', /no other watch/],
  ['static void f(void) { watch (few) for_ms (10); } f();', /not in a function of it/],
  ['watch (few) for_ms (10) require(1);', /require cannot end the program/],
  ['watch (few) for_ms (10) return;', /return cannot end the program/],
  ['while (1) watch (few) for_ms (10) break;', /break outside of a loop/],
  ['out: watch (few) for_ms (10) goto out;', /out/],
  ['watch (few) for_ms (10) find_task(1);', /no task can be held/],
  ['watch (few) for_ms (10) for_each_task (t) ;', /no task can be held/],
  ['watch (few) for_ms (10) rcu_read_lock();', /rcu_read_lock has nothing to do/],
  ['rcu_read_lock(); watch (few) for_ms (10); rcu_read_unlock();', /watch/],
  ['watch_any { }', /watch_any has no watch/],
  ['watch_any { watch (few) for_ms (10); few(1); }', /watch_any holds nothing else/],
  [`watch_all { ${'watch (few) for_ms (10);'.repeat(17)} }`, /17 watches; the limit is 16/],
  ['watch_any { watch (few) for_ms (10) watch_any { watch (few) for_ms (10); } }', /no other watch/],
  ['watch (few + 4, a) for_ms (10);', /'a' cannot be seen at 4 bytes into 'few'/],
  ['watch (few + 0x90000) for_ms (10);', /'few' cannot be watched at 589824: that is beyond its end/],
  ['watch_return (few + 4) for_ms (10);', /watch_return takes no offset/],
  ['watch (few - 4) for_ms (10);', /takes the name of a function/],
  ['watch (cloned, a) for_ms (10);', /left 'cloned.isra.0' of 'cloned': .* leave 'a' out/],
  [
    'watch (cloned_twice) for_ms (10);',
    /by several clones: write one of "cloned_twice\.\w+\.\d", "cloned_twice\.\w+\.\d" in its place, or watch_any/,
  ],
  [
    'watch ("cloned_twice.isra.7") for_ms (10);',
    /no clone 'cloned_twice.isra.7': those of 'cloned_twice' are/,
  ],
  ['watch ("cloned_twice.isra.0", a) for_ms (10);', /leave 'a' out/],
  ['watch ("cloned_twice") for_ms (10);', /'cloned_twice' is no clone of a function/],
  ['watch_any (few + 4) for_ms (10);', /watch_any takes no offset/],
  ['watch_any (cloned_twice, a) for_ms (10);', /leave 'a' out/],
  ['hit();', /in the body of a watch, and nowhere else/],
  ['elapsed_ns()', /in the body of a watch_return, and nowhere else/],
  ['watch (few) for_ms (10) report(elapsed_ns());', /in the body of a watch_return, and nowhere else/],
  ['boot_ns()', /boot_ns\(\) stands in the body of a watch, and nowhere else/],
  ['watch_return (few) for_ms (10) report(stack_here());', /when a function has returned, its stack is gone/],
  ['watch_return (few, ret, a) for_ms (10);', /watch_return takes one name, for what 'few' returns/],
  ['watch_return (gives_large, ret) for_ms (10);', /cannot be seen, struct large: leave 'ret' out/],
  ['watch_return (gives_nothing, ret) for_ms (10);', /cannot be seen, void: leave 'ret' out/],
  ['watch_return (few, ret);', /expected 'for_ms \(milliseconds\)' after watch_return/],
  ['watch_return (forbidden) for_ms (10);', /NOKPROBE/],
  ['current', /current/],
  [
    'watch (forbidden, a) for_ms (10);',
    /'forbidden' cannot be watched: the kernel forbids probes there \(NOKPROBE/,
  ],
  ['watch (with_large, it) for_ms (10);', /a structure of more than 16 bytes/],
  ['watch (nowhere) for_ms (10);', /no function 'nowhere'/],
  [
    'watch (few) for_ms (10) { char big[2000]; big[0] = 1; report(big); }',
    /bytes of the kernel's stack; the limit is 1024/,
  ],
];

describe.skipIf(!ANY_CPU)('a watch that does not compile', () => {
  const kernel = ANY_CPU && probedKernel(ANY_CPU);
  afterAll(() => kernel?.close());

  test.each(REFUSED)('the program %s is refused, and the error says why', (program, message) => {
    expect(failureOf(() => kernel!.compiler.compile(program, 'farcall_test')).message).toMatch(message);
  });

  test('the effect of a program that watches lies between a read and a call', () => {
    const effectOf = (program: string) => kernel!.compiler.compile(program, 'farcall_test').effect;
    expect(effectOf('watch (few) for_ms (10);')).toBe('watch');
    expect(effectOf('watch (few) for_ms (10) sched_clock();')).toBe('call');
    expect(effectOf('watch (few) for_ms (10); twice(1)')).toBe('call');
    expect(effectOf('extern int counter; watch (few) for_ms (10) counter = 1;')).toBe('write');
  });

  test.skipIf(!kernel)(
    'a program says that it writes what it does not record where the body of a watch writes',
    () => {
      const isPartial = (program: string) =>
        kernel!.compiler.compile(program, 'farcall_test').ir.hasUnrecorded;
      expect(isPartial('watch (few, a) for_ms (10) *(int *)&a_pair.a = a;')).toBe(true);
      expect(isPartial('int n = 0; watch (few, a) for_ms (10) n += a; n')).toBe(false);
    },
  );

  test('a watch goes by the name of its function, and a warning tells of clones', () => {
    const compiled = (program: string) => kernel!.compiler.compile(program, 'farcall_test');
    const { watches, warnings } = compiled('watch (cloned) for_ms (10);');
    expect(watches).toMatchObject([{ name: 'cloned', aliases: ['cloned.isra.0'] }]);
    expect(warnings[0]!.message).toMatch(/'cloned' is 'cloned.isra.0' in this kernel/);
    expect(compiled('watch (with_clone) for_ms (10);').warnings[0]!.message).toMatch(
      /does not see calls of with_clone.constprop.0/,
    );
  });

  test('a watch can be of one clone by its name, or of a function and all of its clones', () => {
    const textsOf = (program: string) =>
      kernel!.compiler.compile(program, 'farcall_test').watches.map(({ name, text }) => [name, text]);
    const rest = 'for 10 ms, at most 10000 a second';
    expect(textsOf('watch ("cloned_twice.isra.0") for_ms (10);')).toEqual([
      ['cloned_twice', `watch cloned_twice.isra.0 ${rest}`],
    ]);
    expect(
      textsOf('watch_any (cloned_twice) for_ms (10);')
        .map(([, text]) => text)
        .sort(),
    ).toEqual([
      `watch cloned_twice.constprop.1 ${rest}, any of 2`,
      `watch cloned_twice.isra.0 ${rest}, any of 2`,
    ]);
    expect(textsOf('watch_any (with_clone) for_ms (10);').map(([, text]) => text)).toEqual([
      `watch with_clone ${rest}, any of 2`,
      `watch with_clone.constprop.0 ${rest}, any of 2`,
    ]);
    expect(textsOf('watch_any (few, a) for_ms (10);')).toEqual([['few', `watch few ${rest}`]]);
  });

  test('a plan lists the watch, and does not know what the body has found', () => {
    const program = 'int n = 1, m = 2; watch (few, a) for_ms (100) until (1) n = a; report(m); n';
    const plan = runToEnd(kernel!.compiler.plan(program, 'unread'));
    expect(plan.steps.map(({ kind, text }) => [kind, text])).toEqual([
      ['watch', 'watch few for 100 ms, until 1 hit, at most 10000 a second'],
    ]);
    const atReturn = runToEnd(
      kernel!.compiler.plan('watch_return (few, ret) for_ms (100) report(ret);', 'unread'),
    );
    expect(atReturn.steps.map(({ text }) => text)).toEqual([
      'watch the return of few for 100 ms, at most 10000 a second',
    ]);
    expect(plan.watches).toMatchObject([
      { name: 'few', forMs: 100, until: 1, atMost: 10_000, line: 1, column: 19 },
    ]);
    expect(plan.rows.map(({ values }) => values[0]!.text)).toEqual(['?', '(int)2']);
    expect(plan.ending).toEqual({ kind: 'returned', text: '?' });
  });
});
