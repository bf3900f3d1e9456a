import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyIr } from '../../../../agent/compiler/ir/index.ts';
import { GccKernel, type ProgramRun } from '../support/gcc-kernel.ts';
import { interpretToEnd, runToEnd } from '../support/run-to-end.ts';
import { canBuild, TEST_CPUS } from '../support/test-cpus.ts';

/** Program, and the text of its value; `undefined` for void. */
type Row = readonly [program: string, text: string];

const VALUES: readonly Row[] = [
  ['twice(21)', '(int)42'],
  ['fail()', '(int)-22 /* -EINVAL */'],
  ['int r = fail(); r', '(int)-22'],
  ['hello()', '(const char *)"hello \\"kernel\\"\\n"'],
  // places
  ['a_pair', '(struct pair){ .a = 11, .b = 22 }'],
  ['a_pair.b', '(long)22'],
  ['(&a_pair)->a + a_pair.b', '(long)33'],
  ['struct pair *p = &a_pair; p->a = 5; *p', '(struct pair){ .a = 5, .b = 22 }'],
  ['scratch[2] = 7; scratch[1 + 1] + *(scratch + 2) + 2[scratch]', '(long)21'],
  ['long *p = scratch; *p++ = 1; *p = 2; p - scratch + scratch[0] * 10 + scratch[1] * 100', '(long)211'],
  ['a_mixed.right', '"\\004\\003\\002\\001"'],
  ['a_mixed.pair.b + a_mixed.color', '(long)13'],
  ['a_mixed.text', '(const char *)"text"'],
  ['a_mixed.text[1]', '(char)101'],
  ['"abc"[1]', '(char)98'],
  ['a_mixed.flag', '(_Bool)true'],
  ['&a_mixed.pair == (struct pair *)((char *)&a_mixed + offsetof(struct mixed, pair))', '(int)1'],
  ['sizeof(a_mixed.grid) + sizeof(struct pair) + sizeof a_mixed.text', '(unsigned long)48'],
  ['container_of(&item_array[1].link, struct item, link)->value', '(int)2'],
  ['typeof(a_pair) p = a_pair; p.a', '(long)11'],
  ['auto p = &a_pair; p->b', '(long)22'],
  ['extern struct pair a_pair; a_pair.a', '(long)11'],
  ['extern int twice(int); twice(4)', '(int)8'],
  // bit fields
  ['some_bits.c', '(int)-7'],
  ['some_bits.a - 6', '(int)-1'],
  ['some_bits.full - 0xdeadbef0', '(unsigned int)4294967295'],
  ['some_bits.c = 15', '(int)15'],
  ['some_bits.c = 16', '(int)-16'],
  ['some_bits.a++; some_bits.a += 3; some_bits.a', '(unsigned int)1'],
  [
    'struct bits b = { .wide = 0xffffffffff, .c = -3 }; b.wide += 2; b.c--; b',
    '(struct bits){ .a = 0, .b = 0, .c = -4, .wide = 1, .byte = 0, .sign = 0, .color = RED /* 0 */, .full = 0 }',
  ],
  // structures by value, in and out parameters
  ['make_pair(3, 4)', '(struct pair){ .a = 3, .b = 4 }'],
  ['make_pair(3, 4).b', '(long)4'],
  ['make_small(-5, 300).s', '(short)300'],
  ['make_three(7)', '(struct three){ .bytes = "\\007\\b\\t" }'.replace('\\b', '\\010')],
  ['make_triple(1).c', '(long)3'],
  ['make_packed(9)', '(struct packed){ .c = 1, .l = 9 }'],
  ['int x = 1; set_int(&x); x', '(int)42'],
  ['struct pair p = { .b = 3, .a = 4 }; add_pair(&p, 6); p', '(struct pair){ .a = 10, .b = 3 }'],
  ['struct pair p = { 1, 2 }, q = p; q.a = 9; p = q; p', '(struct pair){ .a = 9, .b = 2 }'],
  ['(fail() < 0 ? a_pair : make_pair(1, 2)).b', '(long)22'],
  ['add_pair(&(struct pair){ 1, 77 }, 1)', '(int)77'],
  ['int (*f)(int) = twice; f(4) + (*f)(5) + a_mixed.twice(6)', '(int)30'],
  [
    'take_mixture(1, make_pair(2,3), make_triple(4), make_small(5,6), make_packed(7), make_three(8), (struct pair){9, 10}, (struct empty){}, (union number){.l = 11}, 12)',
    '(long)3178',
  ],
  // initialisers
  ['int a[] = { 1, [3] = 4, 5 }; sizeof(a) + a[1] + a[3] * 100 + a[4] * 1000', '(unsigned long)5420'],
  ['char s[] = "abc"; s[1] = \'x\'; s', '"axc"'],
  ['char s[8] = "ab"; s', '"ab"'],
  ['struct item i = { .value = 3, .name = "nm", .link.next = 0 }; i.name', '"nm"'],
  ['struct pair a[2] = { 1, 2, 3, 4 }; a[1].a * 10 + a[0].b', '(long)32'],
  // control flow
  [
    'int s = 0; for (int i = 0; i < 10; i++) { if (i == 3) continue; if (i == 6) break; s += i; } s',
    '(int)12',
  ],
  ['int n = 0; do n++; while (n < 5); n', '(int)5'],
  ['int n = 0; while (1) if (++n > 7) return n;', '(int)8'],
  ['int i = 1; { int i = 2; i++; } i', '(int)1'],
  ['if (twice(1) == 2) return 1; else return 2;', '(int)1'],
  ['if (twice(1) == 3) return 1; (const char *)"text"', '(const char *)"text"'],
  ['if (twice(1) == 2) return 1; (const char *)"text"', '(int)1'],
  ['if (twice(1) == 3) return "text"; if (twice(1) == 4) return 5L; a_pair.a', '(long)11'],
  ['if (twice(1) == 2) return a_pair; report(twice(4)); -5', '(struct pair){ .a = 11, .b = 22 }'],
  ['if (twice(1) == 3) return a_pair; report(twice(4)); -5', '(int)-5'],
  ['if (twice(1) == 3) return 1; return 7L;', '(int)7'],
  ['if (twice(1) == 2) return; "text"', '(void)'],
  ['int x = 5; x <<= 2; x |= 1; x %= 6; x ^= 8; x -= 1; x /= 2; x', '(int)5'],
  ['int x = 5; x++ + ++x', '(int)12'],
  // kernel idioms
  ['struct item *i; int s = 0; list_for_each_entry(i, &items, link) s = s * 10 + i->value; s', '(int)123'],
  ['per_cpu(per_cpu_value, 0) + per_cpu(per_cpu_value, 1)', '(int)300'],
  ['per_cpu(per_cpu_value, 1) = 5; per_cpu_copies[1]', '(int)5'],
  ['struct task_struct *t = find_task(21); t->comm', '"c"'],
  ['find_task(1)->pid + find_task(11)->pid', '(int)12'],
  ['int n = 0; for_each_task (t) { sleep_in_body(); n++; } n', '(int)4'],
  ['for_each_task (t) if (t->pid > 5) return t->pid;', '(int)11'],
  ['for_each_task (t) for_each_task (u) if (t->pid == 11 && u->pid == 41) return u->comm;', '"e"'],
  ['rcu_read_lock(); int pid = tasks[1].pid; rcu_read_unlock(); pid', '(int)11'],
  ['counter = 9; counter += 2; counter++', '(int)11'],
  // in one step
  ['counter = 3; int old = cmpxchg(&counter, 3, 8); old * 10 + counter', '(int)38'],
  ['counter = 3; int old = cmpxchg(&counter, 4, 8); old * 10 + counter', '(int)33'],
  ['counter = 3; require(cmpxchg(&counter, 3, -8) == 3); counter', '(int)-8'],
  ['counter = -1; cmpxchg(&counter, -1, 5); counter', '(int)5'],
  ['xchg(&a_pair.b, 7) * 10 + a_pair.b', '(long)227'],
  ['short s = -3; xchg(&s, 5) * 10 + s', '(int)-25'],
  ['__atomic_fetch_add(&a_pair.a, 4, __ATOMIC_SEQ_CST) * 100 + a_pair.a', '(long)1115'],
  ['u8 x = 250; __atomic_fetch_add(&x, 10); x', '(u8)4'],
  ['u8 x = 6; int n = 0; __atomic_fetch_or(&x, (n++, 9)); __atomic_fetch_sub(&x, 1); x * 10 + n', '(int)141'],
  ['long x = 6; __atomic_fetch_and(&x, 3); __atomic_fetch_xor(&x, 1); x', '(long)3'],
  ['struct pair *p = &a_pair, *q = xchg(&p, 0); !p && q == &a_pair', '(int)1'],
  ['cmpxchg(&per_cpu(per_cpu_value, 1), 200, 5); per_cpu_copies[1]', '(int)5'],
  // switch and goto
  [
    'int s = 0; for (int i = 0; i < 7; i++) switch (i) { case 1: s += 1; case 2: s += 10; break; case 4 ... 5: s += 100; break; default: s += 1000; } s',
    '(int)3221',
  ],
  ['switch (twice(2)) { case 4: return 1; default: return 2; }', '(int)1'],
  ['switch ((char)twice(100)) { case (char)200: return 1; } 2', '(int)1'],
  ['switch (a_pair.a) { int x; case 11: x = 5; return x; }', '(int)5'],
  ['switch (-1l) { case 0xffffffffffffffff: return 1; } 0', '(int)1'],
  ['switch (fail()) { case -30 ... -20: return 1; } 0', '(int)1'],
  ['enum color c = BLUE; switch (c) { case RED: case GREEN: return 1; case BLUE: return 2; }', '(int)2'],
  ['int n = 0; again: if (++n < 5) goto again; n', '(int)5'],
  ['int n = 0; goto in; for (;;) { n += 10; in: n++; if (n > 20) goto out; } out: n', '(int)23'],
  [
    'int n = 3, s = 0; switch (n & 3) { do { case 0: s++; case 3: s++; case 2: s++; case 1: s++; } while ((n -= 4) > 0); } s',
    '(int)3',
  ],
  [
    'int n = 0; for_each_task (t) { if (t->pid > 5) goto found; n++; } found: for_each_task (t) n += 10; n',
    '(int)41',
  ],
  ['int n = 0; again: for_each_task (t) if (t->pid > 5 && n++ < 3) goto again; n', '(int)6'],
  ['int n = 0; goto in; for_each_task (t) { in: n++; } n', '(int)5'],
  ['int n = 0; while (n < 9) { switch (n) { case 3: n += 4; continue; case 8: break; } n++; } n', '(int)9'],
  // types of the program's own
  [
    'struct out { char c : 3; unsigned d : 30; short e[2]; } o = { 1, 2, { 3, 4 } }; o',
    '(struct out){ .c = 1, .d = 2, .e = { 3, 4 } }',
  ],
  [
    'struct out { u8 a; union { long l; char c[3]; }; struct pair p; }; sizeof(struct out) + offsetof(struct out, p.b)',
    '(unsigned long)56',
  ],
  [
    'typedef struct node { struct node *next; int v; } node; node b = { 0, 2 }, a = { &b, 1 }; a.next->v',
    '(int)2',
  ],
  ['enum state { IDLE, BUSY = 5, DONE }; enum state s = DONE; s', '(enum state)DONE /* 6 */'],
  ['union u { int i; char c[4]; } u = { .i = 0x41424344 }; u.c[0]', '(char)68'],
  ['typedef int T; { typedef long T; T x = 1; return sizeof x + sizeof(T); }', '(unsigned long)16'],
  ['typedef u8 pairs[2][2]; pairs p = { 1, 2, 3, 4 }; p[1][0]', '(u8)3'],
  ['struct pair { u8 a; } p = { 300 - 50 }; p', '(struct pair){ .a = 250 }'],
  [
    'struct b; struct a { struct b *to; }; struct b { int v; } b = { 7 }; struct a a = { &b }; a.to->v',
    '(int)7',
  ],
  ['int n = 0; for (int i = 0; i < 3; i++) { static int s = 10; s++; n = s; } n', '(int)13'],
  ['static char text[] = "hey"; static char *p = text + 1; *p', '(char)101'],
  [
    '_Static_assert(sizeof(long) == 8, "64 bits"); static_assert(BLUE == 7); _Alignof(struct pair) + _Alignof(char)',
    '(unsigned long)9',
  ],
  // GNU and others
  ['int n = 0; (n++, 0) ?: (n += 5); n', '(int)6'],
  ['twice(4) ?: 1', '(int)8'],
  ['({ int x = 3; x * 2; }) + ({ twice(1); })', '(int)8'],
  ['({ struct pair p = { 1, 2 }; p; }).b', '(long)2'],
  ['int n = 1 + ({ if (counter == 5) return 9; 2; }); n', '(int)3'],
  ['for (int i = 0; ; i++) n: if (({ if (i > 3) break; i; }) > 9) goto n; counter', '(int)0'],
  ['const char *p = counter ? "a" : (char *)0; p == NULL', '(int)1'],
  ['const void *v = &a_pair; (counter ? v : &a_pair) == &a_pair', '(int)1'],
  ['volatile int x = 3; x += 1; x', '(int)4'],
  ['auto int x = 3; register long y = 4; x + y', '(long)7'],
  ['unsigned const long int static x = 5; x', '(unsigned long)5'],
  ['(u8)("a" "\\x41" "\\u00e9")[2]', '(u8)195'],
  ["'\\xff' == (char)255", '(int)1'],
  ['#define N 3\n#define M (N * 2)\nint a[M] = { [N] = 1 }; a[N] + sizeof(a)', '(unsigned long)25'],
];

const ENDS: readonly (readonly [program: string, kind: string, message: RegExp])[] = [
  ['*(int *)8', 'faulted', /no memory for this access at 0x8/],
  ['*(int *)8 = 1', 'faulted', /at 0x8/],
  ['((struct pair *)0)->b', 'faulted', /at 0x8/],
  ['struct pair p = *(struct pair *)16; p', 'faulted', /at 0x10/],
  ['*(struct pair *)16 = a_pair', 'faulted', /at 0x10/],
  ['*read_only = 1', 'faulted', /column 1.* at 0x/],
  ['((struct bits *)read_only)->a = 1', 'faulted', /no memory for this/],
  ['((struct bits *)((char *)&some_bits + 1))->wide = 1', 'faulted', /no memory for this/],
  ['while (1);', 'faulted', /10000000 times/],
  [
    'again: goto again;',
    'faulted',
    /column 8: the loops of the program ran 10000000 times in total, which is all/,
  ],
  ['a: goto b; b: goto a;', 'faulted', /times in total/],
  ['switch (1) { case 1: back: goto back; }', 'faulted', /times in total/],
  ['cmpxchg((int *)8, 0, 1)', 'faulted', /at 0x8/],
  ['xchg((int *)((char *)&counter + 1), 1)', 'faulted', /no memory for this/],
  ['xchg((int *)read_only, 1)', 'faulted', /no memory for this/],
  ['1 / counter', 'faulted', /division by zero/],
  ['require(counter == 3); counter = 4;', 'skipped', /column 1: /],
  ['find_task(31)', 'skipped', /no such task/],
  ['find_task(99)', 'skipped', /no such task/],
  // whatever ends a program, what it holds is given back
  ['rcu_read_lock(); *(int *)0', 'faulted', /at 0x0/],
  ['rcu_read_lock(); rcu_read_lock(); while (1);', 'faulted', /times in total/],
  ['for_each_task (t) while (1);', 'faulted', /times in total/],
  ['for_each_task (t) { find_task(11); require(t->pid < 15); }', 'skipped', /column 36/],
  ['find_task(1); for_each_task (t) *(int *)0 = 1;', 'faulted', /at 0x0/],
  ['find_task(1); 1 / counter', 'faulted', /division/],
];

const RUNNABLE = TEST_CPUS.filter(canBuild);

test('this machine has gcc for some CPU', () => {
  expect(RUNNABLE).not.toEqual([]);
});

describe.each(RUNNABLE)('programs run in user space, $arch', cpu => {
  const kernel = new GccKernel(cpu);
  let runs: ReadonlyMap<string, ProgramRun>;
  // Each runs in a process of its own; one emulator starts them all.
  beforeAll(() => {
    const programs = [...VALUES, ...ENDS].map(([program]) => program);
    const all = kernel.run(programs);
    runs = new Map(programs.map((program, index) => [program, all[index]!]));
  });
  afterAll(() => kernel.close());

  /** rcu_depth, given_pids, freed, usage, counter, rcu_faults of `struct leftover`. */
  function leftover({ leftover }: ProgramRun): number[] {
    return [0, 4, 8, 12, 20].map(offset => leftover.readInt32LE(offset));
  }

  const memory = kernel.memory();

  /** A program that only reads says the same when it is interpreted. */
  function expectSameInterpreted(program: string, { end, area }: ProgramRun): boolean {
    const call = kernel.compiler.compileWithoutModule(program, 'farcall_test');
    if (call.image) return false;
    verifyIr(call.ir);
    const ours = interpretToEnd(call.interpret(memory));
    expect(call.readResult(ours)).toEqual(end);
    expect(Buffer.from(ours)).toEqual(area);
    return true;
  }

  test.each(VALUES)('the program %s returns its value', (program, text) => {
    const run = runs.get(program)!;
    expectSameInterpreted(program, run);
    expect(run.end).toMatchObject({ kind: 'returned', value: { text } });
    expect([run.status, ...leftover(run)]).toEqual([0, 0, 0, 0, 5, 0]);
    verifyIr(kernel.compiler.compile(program, 'farcall_test').ir);
  });

  test.each(ENDS)('the program %s ends as it should', (program, kind, message) => {
    const run = runs.get(program)!;
    expectSameInterpreted(program, run);
    expect(run.end).toMatchObject({ kind, error: { message: expect.stringMatching(message) } });
    expect([run.status, ...leftover(run)]).toEqual([0, 0, 0, 0, 5, 0]);
    verifyIr(kernel.compiler.compile(program, 'farcall_test').ir);
  });

  test('most of what there is to read is interpreted, and nothing else', () => {
    const all = [...VALUES, ...ENDS].map(([program]) => program);
    const read = all.filter(program => !kernel.compiler.compileWithoutModule(program, 'farcall_test').image);
    expect(read.length).toBeGreaterThan(45);
    expect(read.filter(program => /twice|set_int|counter = |freed/.test(program))).toEqual([]);
  });

  test('tasks are found by a module where the kernel tells no symbols of data', () => {
    const reticent = new GccKernel(cpu, '', ['init_pid_ns']);
    try {
      const program = 'int n = 0; for_each_task (t) n++; n + find_task(11)->pid';
      const call = reticent.compiler.compileWithoutModule(program, 'farcall_test');
      expect([call.effect, call.image === undefined]).toEqual(['read', false]);
      expect(reticent.run([program])[0]!.end).toMatchObject({ kind: 'returned', value: { text: '(int)15' } });
      const plan = runToEnd(reticent.compiler.plan(program, reticent.memory()));
      expect(plan).toMatchObject({ effect: 'read', steps: [], ending: { kind: 'unread' } });
      expect(plan.ending.text).toMatch(/^only a module can tell what this program asks: .* init_pid_ns/);
      const other = reticent.compiler.compileWithoutModule('a_pair.a', 'farcall_test');
      expect(other.image).toBeUndefined();
    } finally {
      reticent.close();
    }
  });

  test('a write that a false require stands before is not done', () => {
    const [run] = kernel.run(['require(counter == 3); counter = 4;']);
    expect(run!.leftover.readInt32LE(16)).toBe(0);
  });

  test('the last reference to a task frees it', () => {
    const program = 'struct task_struct *t = find_task(11); t->usage.refs.counter -= 1;';
    const [run] = kernel.run([program]);
    expect(leftover(run!)).toEqual([0, 0, 1, 4, 0]);
  });

  test('rows come back in order, with what is in them', () => {
    const [run] = kernel.run(['for_each_task (t) report(t->pid, t->comm, hello());']);
    const read = 'for_each_task (t) report(t->pid, t->comm, t->tasks, (char *)t->comm);';
    expect(expectSameInterpreted(read, kernel.run([read])[0]!)).toBe(true);
    expect(run!.end.rows.map(({ values }) => values.map(value => value.string ?? value.integer))).toEqual(
      [1, 11, 21, 41].map(pid => [String(pid), 'abcde'[(pid - 1) / 10], 'hello "kernel"\n']),
    );
  });

  test.each([
    ['for_each_task (t) report(t->pid, pid = t->pid, /* name */ t->comm)', ['t->pid', 'pid', 't->comm']],
    ['int age = 3; report(age = 5, age)', ['age = 5', 'age']],
    ['#define PAIR a_pair.a, a_pair.b\nreport(PAIR, twice( 1 ) +\n  2)', ['', 'PAIR', 'twice( 1 ) + 2']],
    ['report(1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1)', [`${'1 + '.repeat(11)}1...`]],
  ])(
    'the columns of %s have the names that are given, or the texts of their expressions',
    (program, names) => {
      const [run] = kernel.run([program]);
      expect(run!.end.rows[0]!.columns).toEqual(names);
    },
  );

  test('writes to kernel memory are recorded with what was there before, and those to own memory are not', () => {
    const program = [
      'int own = 1, *p = &own; *p = 2;',
      'a_pair.b = -3; some_bits.a = 1; xchg(&a_pair.a, 77);',
      'struct pair two = { 4, 5 }; a_pair = two; counter++;',
    ].join('\n');
    const [run] = kernel.run([program]);
    const { writes, writesMissed } = run!.end;
    const shown = writes!.map(({ line, bytes, before, after }) => [line, bytes, before, after]);
    expect(shown).toEqual([
      [2, 8, '(long)22', '(long)-3'],
      [2, expect.any(Number), expect.stringMatching(/^\(unsigned \w+\)\d+$/), expect.any(String)],
      [2, 8, '(long)11', '(long)77'],
      [3, 8, '(unsigned long)77', '(unsigned long)4'],
      [3, 8, '(unsigned long)18446744073709551613', '(unsigned long)5'],
      [3, 4, expect.any(String), expect.any(String)],
    ]);
    expect(writes![0]).toMatchObject({ beforeRaw: '0x16', afterRaw: '0xfffffffffffffffd' });
    expect(BigInt(writes![2]!.address)).toBe(BigInt(writes![0]!.address) - 8n);
    expect(writesMissed).toBeUndefined();
  });

  test('a program whose only write is too large to be recorded says so, and one that writes nothing does not', () => {
    const [large, none] = kernel.run([
      'struct large { char bytes[300]; }; struct large own = { 1 }; struct large *p = (void *)scratch; if (a_pair.a == 0) *p = own;',
      'report(a_pair.a)',
    ]);
    expect([large!.end.writes, large!.end.writesMissed]).toEqual([undefined, true]);
    expect([none!.end.writes, none!.end.writesMissed]).toEqual([undefined, undefined]);
  });

  test('a program that writes more than can be recorded says so', () => {
    const [run] = kernel.run(['for (int i = 0; i < 600; i++) counter = i; report(counter)']);
    expect(run!.end).toMatchObject({ writesMissed: true, droppedRows: 0, rows: [{}] });
    expect(run!.end.writes).toHaveLength(512);
  });

  test('an argument of report assigns to what is declared, and names a column otherwise', () => {
    const [run] = kernel.run(['int age = 3; report(age = 5, pid = age); age']);
    expect(run!.end).toMatchObject({ kind: 'returned', value: { text: '(int)5' } });
    expect(kernel.compiler.compile('report(pid = 1)', 'farcall_test').effect).toBe('read');
    expect(kernel.compiler.compile('extern int counter; report(counter = 1)', 'farcall_test').effect).toBe(
      'write',
    );
  });

  test('rows that do not fit into the result area are counted', () => {
    const program = 'for (int i = 0; i < 20000; i++) report(i);';
    const [run] = kernel.run([program]);
    expect(expectSameInterpreted(program, run!)).toBe(true);
    const { rows, droppedRows } = run!.end;
    expect(rows.length + droppedRows).toBe(20_000);
    expect(rows.length).toBeGreaterThan(1000);
    expect(rows.at(-1)!.values[0]!.integer).toBe(String(rows.length - 1));
  });

  test.each([
    ['a_pair.a', 'read'],
    ['int n = 0; for_each_task (t) n++; n', 'read'],
    ['twice(1)', 'call'],
    ['a_mixed.twice(1)', 'call'],
    ['counter = 1', 'write'],
    ['sizeof(twice(1))', 'read'],
  ])('the program %s only %ss', (program, effect) => {
    expect(kernel.compiler.compile(program, 'farcall_test').effect).toBe(effect);
  });
});
