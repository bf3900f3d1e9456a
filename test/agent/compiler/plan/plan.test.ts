import { afterAll, describe, expect, test } from 'vitest';
import type { ProgramPlan } from '../../../../agent/compiler/index.ts';
import { GccKernel } from '../support/gcc-kernel.ts';
import { randomPrograms } from '../support/random-program.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { ANY_CPU } from '../support/test-cpus.ts';

/** A plan as lines; addresses as `0x…`, because each build has its own. */
function linesOf({ steps, rows, ending, notes, effect }: ProgramPlan): string[] {
  const lines = [
    effect,
    ...steps.map(({ line, column, text }) => `${line}:${column} ${text}`),
    ...rows.map(({ values }) => `row ${values.map(({ text }) => text).join(' ')}`),
    `${ending.kind} ${ending.text.split('\n')[0]}`,
    ...notes.map(note => `note ${note.split(':')[0]}`),
  ];
  return lines.map(line => line.replace(/0x[0-9a-f]{5,}/g, '0x…'));
}

const SEEN = 'note memory was read as it is now';
const ANYWHERE = 'note the program writes to an address that depends on the result of a call';

const PLANS: readonly (readonly [program: string, lines: readonly string[]])[] = [
  ['a_pair.a', ['read', 'returned (long)11']],
  ['twice(twice(4))', ['call', '1:7 twice((int)4)', '1:1 twice(?)', 'returned ?', SEEN]],
  ['hello(); 5', ['call', '1:1 hello()', 'returned (int)5', SEEN]],
  // what a call gets the address of is not known after it
  ['int x = 1; set_int(&x); x', ['call', '1:12 set_int((int *)&x)', 'returned ?', SEEN]],
  ['int x = 1, y = 2; set_int(&x); y', ['call', '1:19 set_int((int *)&x)', 'returned (int)2', SEEN]],
  [
    'int x = 1; set_int(&x);\nif (x) counter = 1; else counter = 2;',
    [
      'write',
      '1:12 set_int((int *)&x)',
      'depends what happens from here depends on the result of set_int (line 1, column 12)',
      SEEN,
    ],
  ],
  [
    'require(twice(1) == 2); counter = 1',
    [
      'write',
      '1:9 twice((int)1)',
      'depends what happens from here depends on the result of twice (line 1, column 9)',
      SEEN,
    ],
  ],
  // what is written is read again
  [
    'counter = 5; counter += 2; report(counter); a_pair.b = counter; a_pair',
    [
      'write',
      '1:1 *(int *)0x… /* counter */: (int)0 → (int)5',
      '1:14 *(int *)0x… /* counter */: (int)5 → (int)7',
      '1:52 *(long *)0x… /* a_pair+0x8 */: (long)22 → (long)7',
      'row (int)7',
      'returned (struct pair){ .a = 11, .b = 7 }',
    ],
  ],
  [
    'some_bits.c = 3; some_bits.full = twice(1); some_bits.c = 4; some_bits.c',
    [
      'write',
      '1:11 *(int *)0x… /* some_bits+0x1 */ bits 2 to 6: (int)-7 → (int)3',
      '1:35 twice((int)1)',
      '1:28 *(unsigned int *)0x… /* some_bits+0xc */ bits 0 to 31: (unsigned int)3735928559 → ?',
      '1:55 *(int *)0x… /* some_bits+0x1 */ bits 2 to 6: (int)3 → (int)4',
      'returned (int)4',
      SEEN,
    ],
  ],
  [
    'struct pair p = { 1, 2 }; a_pair = p; add_pair(&p, 6); report(p.a, 7); a_pair = p; a_pair.a',
    [
      'write',
      '1:27 *(struct pair *)0x… /* a_pair */: (struct pair){ .a = 11, .b = 22 } → (struct pair){ .a = 1, .b = 2 }',
      '1:39 add_pair((struct pair *)&p, (long)6)',
      '1:72 *(struct pair *)0x… /* a_pair */: (struct pair){ .a = 1, .b = 2 } → ?',
      'row ? (int)7',
      'returned ?',
      SEEN,
    ],
  ],
  [
    'for_each_task (t) if (t->__state & 1) { t->__state = 0; twice(t->pid); report(t->comm, twice(1)); }',
    [
      'write',
      '1:44 *(unsigned int *)0x… /* tasks+0x60 */: (unsigned int)1 → (unsigned int)0',
      '1:57 twice((int)11)',
      '1:88 twice((int)1)',
      'row "b" ?',
      'returned (void)',
      SEEN,
    ],
  ],
  ['a_mixed.twice(6) * 0 + 1', ['call', '1:9 (*(int (*)(int))0x… /* twice */)((int)6)', 'returned ?', SEEN]],
  [
    'union { const char *s; int (*f)(int); } u; u.s = hello(); u.f(4)',
    ['call', '1:50 hello()', '1:61 (*? /* twice or close */)((int)4)', 'returned ?', SEEN],
  ],
  [
    'union { long l; int (*f)(int); } u; u.l = (long)&counter; u.f(4)',
    [
      'call',
      "refused line 1, column 61: this host's policy does not permit to call what the pointer holds, counter (0x…); it was not called",
    ],
  ],
  [
    'scratch[2] = 5; scratch[twice(1)] = 6;',
    [
      'write',
      '1:8 *(long *)0x… /* scratch+0x10 */: (long)0 → (long)5',
      '1:25 twice((int)1)',
      '1:24 *(long *)?: ? → (long)6',
      'returned (long)6',
      SEEN,
      ANYWHERE,
    ],
  ],
  ['*(int *)8 = 1', ['write', 'faulted line 1, column 1: the kernel has no memory for this access at 0x8']],
  [
    'counter = 1; 7 / (counter - 1)',
    [
      'write',
      '1:1 *(int *)0x… /* counter */: (int)0 → (int)1',
      'faulted line 1, column 16: division by zero',
    ],
  ],
  ['find_task(99); counter = 1', ['write', 'skipped line 1, column 1: this host has no such task']],
  ['find_task(twice(1))->pid', ['call', '1:11 twice((int)1)', expect.stringContaining('depends'), SEEN]],
  ['char s[] = "ab"; hello(); s[1] = \'x\'; s', ['call', '1:18 hello()', 'returned "ax"', SEEN]],
];

const UNREAD = 'note memory was not read';

/** Of what memory would say nothing is told; what the program itself says is. */
const UNREAD_PLANS: readonly (readonly [program: string, lines: readonly string[]])[] = [
  ['a_pair.a', ['read', 'returned ?', UNREAD]],
  ['twice(a_pair.a + 1); twice(4)', ['call', '1:1 twice(?)', '1:22 twice((int)4)', 'returned ?', UNREAD]],
  [
    'counter = 5; counter += 2; a_pair.b = counter; a_pair',
    [
      'write',
      '1:1 *(int *)0x… /* counter */: ? → (int)5',
      '1:14 *(int *)0x… /* counter */: ? → ?',
      '1:35 *(long *)0x… /* a_pair+0x8 */: ? → ?',
      'returned ?',
      UNREAD,
    ],
  ],
  [
    'if (counter) twice(1);',
    ['call', 'depends what happens from here depends on what is read from memory (line 1, column 5)', UNREAD],
  ],
  ['for_each_task (t) twice(t->pid);', ['call', expect.stringContaining('depends'), UNREAD]],
  [
    '*(int *)-8 = 1',
    ['write', '1:1 *(int *)ERR_PTR(-8) /* -ENOEXEC */: ? → (int)1', 'returned (int)1', UNREAD],
  ],
  ['int x = 3; x * 2', ['read', 'returned (int)6', UNREAD]],
  ['report(a_mixed.twice, counter, 5)', ['read', 'row ? ? (int)5', 'returned (void)', UNREAD]],
];

describe.skipIf(!ANY_CPU)('a plan (skipped without gcc)', () => {
  const kernel = ANY_CPU ? new GccKernel(ANY_CPU) : undefined!;
  const memory = ANY_CPU ? kernel.memory() : undefined!;
  afterAll(() => kernel?.close());
  const plan = (program: string): ProgramPlan =>
    runToEnd(kernel.compiler.plan(program, memory, kernel.permitted()));

  test.each(PLANS)('of the program %s lists what it would do', (program, lines) => {
    expect(linesOf(plan(program))).toEqual(lines);
  });

  test.each(UNREAD_PLANS)('a plan says what is not known without reading memory: %s', (program, lines) => {
    expect(linesOf(runToEnd(kernel.compiler.plan(program, 'unread')))).toEqual(lines);
  });

  test('a plan names the functions that may be called with their prototypes, and can be JSON', () => {
    const found = plan('long y = 5; int x = y; twice(x)');
    expect(found.callees).toMatchObject([{ name: 'twice', prototype: 'int twice(int value)' }]);
    expect(found.warnings).toHaveLength(1);
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });

  test('a plan lists two hundred steps and counts the rest', () => {
    const { steps, droppedSteps } = plan('for (int i = 0; i < 250; i++) counter = i;');
    expect([steps.length, droppedSteps]).toEqual([200, 50]);
  });

  test('a plan leaves the memory as it is', () => {
    plan('counter = 9; a_pair.a = 9;');
    expect(linesOf(plan('counter * 100 + a_pair.a'))).toEqual(['read', 'returned (long)11']);
  });

  test('a plan says that no memory can be read', () => {
    const found = runToEnd(kernel.compiler.plan('twice(1)', undefined));
    expect(found).toMatchObject({ effect: 'call', steps: [], ending: { kind: 'unread' } });
    expect(found.callees).toHaveLength(1);
  });
});

describe.skipIf(!ANY_CPU)('a plan of a random program (skipped without gcc)', () => {
  const { c, bodies } = randomPrograms(77, { count: 100, local: true });
  const kernel = ANY_CPU ? new GccKernel(ANY_CPU, c) : undefined!;
  afterAll(() => kernel?.close());

  test('a plan of a random program ends as the program does, if it calls nothing', () => {
    const memory = kernel.memory();
    const planned = bodies.map(body => runToEnd(kernel.compiler.plan(body, memory)).ending);
    const ran = kernel.run(bodies).map(({ end }) => end.kind === 'returned' && end.value.text);
    expect(planned).toEqual(ran.map(text => ({ kind: 'returned', text })));
  });
});
