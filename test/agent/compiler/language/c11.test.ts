import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyIr } from '../../../../agent/compiler/ir/index.ts';
import { GccKernel, type ProgramRun } from '../support/gcc-kernel.ts';
import { failureOf } from '../support/guarded.ts';
import { ANY_CPU, canBuild, TEST_CPUS } from '../support/test-cpus.ts';

/**
 * What C11 has, clause by clause: a program that uses it, and either the text of its value or the error that
 * names what is not there. Over the kernel of support/gcc-kernel/kernel.h.
 */
type Row = readonly [clause: string, program: string, wanted: string | RegExp];

const CONSTANTS: readonly Row[] = [
  ['6.4.4.1 decimal', '1234567890123', '(long)1234567890123'],
  ['6.4.4.1 octal', '0777', '(int)511'],
  ['6.4.4.1 hexadecimal', '0xfFfFfFfF', '(unsigned int)4294967295'],
  ['C23 binary', "0b1010'1010", '(int)170'],
  ['6.4.4.1 suffixes', '1u + 1UL * 1ll + 1LLU + 1lu', '(unsigned long long)4'],
  ['6.4.4.1 no such suffix', '1lul', /'lul' cannot follow a number/],
  ['6.4.4.2 floating', '1.0', /call programs cannot use floating-point numbers/],
  ['6.4.4.2 with an exponent', '1e5', /floating-point/],
  ['6.4.4.3 enumeration', 'BLUE', '(int)7'],
  ['6.4.4.4 character', "'a' + '\\n' + '\\0' + '\\x7f' + '\\''", '(int)273'],
  ['6.4.4.4 several characters', "'ab'", /exactly one byte/],
  ['6.4.4.4 wide', "L'a'", /wide or UTF literals/],
  ['6.4.5 string', '"tab\\t\\"q\\"\\101\\e"[3]', '(char)9'],
  ['6.4.5 adjacent', 'sizeof("ab" /* and */ "cd")', '(unsigned long)5'],
  ['6.4.5 UTF', 'u8"a"', /wide or UTF literals/],
  ['6.4.3 universal names', 'sizeof("\\u00e9\\U0001f600")', '(unsigned long)7'],
  ['6.4.9 comments', '1 /* 2 */ + // 3\n 4', '(int)5'],
  ['5.1.1.2 joined lines', '1 + \\\n 2', '(int)3'],
];

const EXPRESSIONS: readonly Row[] = [
  ['6.5.1 parentheses', '((a_pair)).a', '(long)11'],
  ['6.5.1.1 generic selection', '_Generic(1, int: 2)', '(int)2'],
  ['6.5.2.1 subscript', '1[scratch] + scratch[1]', '(long)0'],
  ['6.5.2.2 call', 'twice(twice(1))', '(int)4'],
  ['6.5.2.2 call of a pointer', '(&twice)(2) + (*twice)(3)', '(int)10'],
  ['6.5.2.2 wrong count', 'twice()', /takes 1 argument, not 0/],
  ['6.5.2.3 members', 'a_pair.a + (&a_pair)->b', '(long)33'],
  ['6.5.2.4 postfix steps', 'int x = 5; x++ * 10 + x--', '(int)56'],
  ['6.5.2.5 compound literal', '(struct pair){ .b = 3 }.b + ((int[]){ 1, 2 })[1]', '(long)5'],
  ['6.5.3.1 prefix steps', 'int x = 5; ++x * 10 + --x', '(int)65'],
  ['6.5.3.2 address and indirection', 'int x = 5, *p = &x; *&*p', '(int)5'],
  ['6.5.3.2 of a bit field', '&some_bits.a', /a bit field has no address/],
  ['6.5.3.2 of no place', '&1', /& takes a variable/],
  ['6.5.3.3 + - ~ !', '+1 - -2 + ~3 + !4', '(int)-1'],
  ['6.5.3.4 sizeof', 'sizeof(struct pair) + sizeof a_pair.a + sizeof (int){1}', '(unsigned long)28'],
  ['6.5.3.4 sizeof of a function', 'sizeof(void)', /void has no size/],
  ['6.5.3.4 _Alignof', '_Alignof(short) + _Alignof(struct pair[2])', '(unsigned long)10'],
  ['6.5.4 cast', '(u8)300 + (long)(signed char)-1', '(long)43'],
  ['6.5.4 cast to a structure', '(struct pair)1', /must be an integer or a pointer/],
  ['6.5.4 cast to double', '(double)1', /call programs have no type 'double'/],
  ['6.5.5 * / %', '7 * 3 / 2 % 4', '(int)2'],
  ['6.5.6 + - of pointers', '(&scratch[3] - scratch) + *(scratch + 1) + *(1 + scratch)', '(long)3'],
  ['6.5.6 of two pointers', 'scratch + scratch', /must be an integer|C does not define/],
  ['6.5.7 shifts', '1 << 4 >> 2', '(int)4'],
  ['6.5.8 and 6.5.9', '(1 < 2) + (1 > 2) + (1 <= 1) + (1 >= 2) + (1 == 1) + (1 != 1)', '(int)3'],
  ['6.5.10 to 6.5.12', '6 & 3 | 8 ^ 1', '(int)11'],
  ['6.5.13 and 6.5.14', '(0 && 1 / counter) + (1 || 1 / counter)', '(int)1'],
  ['6.5.15 conditional', 'counter ? 1 : 2L', '(long)2'],
  ['6.5.15 null pointer', '(counter ? NULL : &a_pair)->a', '(long)11'],
  ['6.5.15 void *', 'void *v = 0; sizeof(*(counter ? v : &a_pair))', /void has no size|cannot/],
  ['6.5.15 pointers that do not agree', 'counter ? &a_pair : &counter', /the branches of \?: have the types/],
  ['6.5.15 both void', 'counter ? (void)1 : (void)2', '(void)'],
  ['GNU ?:', 'twice(3) ?: 9', '(int)6'],
  ['GNU ({ })', '({ int i = 1; i + 1; })', '(int)2'],
  ['6.5.16 assignment', 'int a, b; a = b = 3; a + b', '(int)6'],
  [
    '6.5.16.2 compound assignment',
    'int x = 7; x += 1; x -= 2; x *= 3; x /= 2; x %= 5; x <<= 4; x >>= 1; x &= 30; x |= 1; x ^= 3; x',
    '(int)2',
  ],
  ['6.5.16.1 to const', 'const int x = 1; x = 2;', /is const/],
  [
    '6.5.16.1 to a const member',
    'struct c { const int x; } a = { 1 }, b = { 2 }; a = b;',
    /is const|const member/,
  ],
  ['6.5.16.1 through a pointer to const', 'const int *p = &counter; *p = 1;', /is const/],
  ['6.5.16.1 const dropped', 'const int x = 1; int *p = &x;', /writes to const memory/],
  ['6.5.16.1 volatile dropped', 'volatile int x = 1; int *p = &x;', /drop volatile/],
  [
    '6.5.16.1 void ** is no T **',
    'void *v; long **p = &v;',
    /expected long \*\*, found a value of type void \*\*/,
  ],
  [
    '6.5.16.1 T ** is no void **',
    'long *l; void **p = &l;',
    /expected void \*\*, found a value of type long \*\*/,
  ],
  ['6.5.16.1 pointer to integer', 'long x = &counter;', /expected long, found/],
  ['6.5.16.1 integer to pointer', 'int *p = 5;', /expected int \*, found/],
  ['6.5.17 comma', '(twice(1), twice(2))', '(int)4'],
  ['6.6 constant expressions', 'int a[sizeof(long) / 2 + (1 ? 2 : 3)]; sizeof(a)', '(unsigned long)24'],
  ['6.6 that are none', 'int n = 2; int a[n];', /must be an integer constant/],
];

const DECLARATIONS: readonly Row[] = [
  ['6.7.1 typedef', 'typedef struct pair P; P p = { 1, 2 }; p.b', '(long)2'],
  ['6.7.1 extern', 'extern int counter; counter', '(int)0'],
  ['6.7.1 static', 'int n = 0; for (int i = 0; i < 3; i++) { static int s; n = ++s; } n', '(int)3'],
  ['6.7.1 static that is not constant', 'static int x = twice(1);', /must be a constant/],
  ['6.7.1 auto and register', 'auto int a = 1; register int b = 2; a + b', '(int)3'],
  ['6.7.1 _Thread_local', '_Thread_local int x;', /no '_Thread_local'/],
  ['6.7.1 two at once', 'static extern int x;', /'static' and 'extern' cannot be combined/],
  [
    '6.7.2 integer types',
    'unsigned long int long x = 1; signed char c = 2; short int s = 3; x + c + s',
    '(unsigned long long)6',
  ],
  ['6.7.2 _Bool', '_Bool b = 5; b', '(_Bool)true'],
  ['6.7.2 float', 'float f;', /no type 'float'/],
  ['6.7.2 _Complex', 'double _Complex z;', /no '_Complex'/],
  [
    '6.7.2.1 structures and unions',
    'struct s { int a; union { u8 b; long c; }; } s = { 1, { 2 } }; s.a + s.c',
    '(long)3',
  ],
  [
    '6.7.2.1 bit fields',
    'struct s { int a : 4; unsigned : 0; unsigned b : 9; } s = { -3, 300 }; s.a + s.b',
    '(int)297',
  ],
  ['6.7.2.1 a flexible array', 'struct s { int n; int tail[]; }; sizeof(struct s)', '(unsigned long)4'],
  ['6.7.2.1 a flexible array in between', 'struct s { int tail[]; int n; };', /only the last member/],
  ['6.7.2.1 a member twice', 'struct s { int a, a; };', /'a' is declared twice/],
  ['6.7.2.1 a structure in itself', 'struct s { struct s s; };', /has no size/],
  ['6.7.2.1 a bit field too wide', 'struct s { u8 a : 9; };', /has 1 to 8 bits/],
  ['6.7.2.1 defined twice', 'struct s { int a; }; struct s { int a; };', /'s' is defined twice/],
  ['6.7.2.2 enumerations', 'enum e { A, B = 5, C, D = -1 } e = C; e', '(enum e)C /* 6 */'],
  ['6.7.2.2 an enumerator twice', 'enum { A, A };', /'A' is declared twice/],
  [
    '6.7.2.3 tags',
    'struct s; struct t { struct s *s; }; struct s { int v; } s = { 3 }; struct t t = { &s }; t.s->v',
    '(int)3',
  ],
  ['6.7.2.3 an unknown tag', 'struct no_such *p;', /no 'struct no_such'/],
  ['6.7.2.4 _Atomic', '_Atomic int x;', /no '_Atomic'.*cmpxchg/],
  ['6.7.3 qualifiers', 'const volatile int x = 1; int *restrict p = &counter; x + *p', '(int)1'],
  ['6.7.4 inline', 'static inline int f(void) { return 2; } f()', '(int)2'],
  ['6.7.5 _Alignas', '_Alignas(16) int x;', /no '_Alignas'/],
  ['6.7.6.1 pointers', 'int *const *p = (int *const[]){ &counter }; **p', '(int)0'],
  ['6.7.6.2 arrays', 'int a[2][3] = { { 1 }, { [2] = 5 } }; a[1][2]', '(int)5'],
  ['6.7.6.2 of variable length', 'int a[*];', /constant count/],
  ['6.7.6.3 functions', 'int twice(int); int (*f[2])(int) = { twice, twice }; f[1](4)', '(int)8'],
  ['6.7.6.3 defined', 'int f(int x) { return x; } f(3)', '(int)3'],
  ['6.7.7 type names', '(long (*)[2])scratch == (void *)scratch', '(int)1'],
  ['6.7.8 typedef in a block', 'typedef int T; { typedef char T; return sizeof(T); }', '(unsigned long)1'],
  [
    '6.7.9 initialisers',
    'struct pair a[] = { { 1 }, [2] = { .b = 4 }, 5, 6 }; a[2].b * 100 + a[3].a * 10 + sizeof(a)',
    '(unsigned long)514',
  ],
  [
    '6.7.9 of an array of char',
    'char a[] = "ab", b[2] = "ab", c[] = { "x" }; sizeof(a) + sizeof(b) + sizeof(c)',
    '(unsigned long)7',
  ],
  ['6.7.9 too long a string', 'char a[2] = "abc";', /does not fit in char \[2\]/],
  ['6.7.9 too many', 'int a[1] = { 1, 2 };', /more values than/],
  ['6.7.10 static assertions', '_Static_assert(1, "fine"); 1', '(int)1'],
  ['6.7.10 that fail', '_Static_assert(0, "no");', /^line 1, column 1: no$/m],
  ['GNU attributes', 'int x __attribute__((aligned(8)));', /no attribute 'aligned': every variable is/],
  [
    'GNU attributes that change nothing',
    'static __attribute__((noinline, __unused__)) int f(int __maybe_unused x, struct pair *__user p) { return 2; } struct __attribute__((__deprecated__("old"))) s { int a __attribute__((unused)); }; struct s v = { 3 }; int y __attribute__((format(printf, (1), 2))) = f(1, 0); switch (y) { case 2: y = 5; __attribute__((fallthrough)); case 7: y++; fallthrough; default: y++; } y + v.a',
    '(int)10',
  ],
  [
    'GNU attributes that nobody knows',
    'int x __attribute__((blue));',
    /does not know what a program means without/,
  ],
  ['GNU attributes without their end', 'int x __attribute__((format(', /expected \) of the attribute/],
  ['GNU typeof', 'typeof(a_pair.a) x = 3; __typeof__(int *) p = &counter; x + *p', '(long)3'],
  ['C23 auto', 'auto x = 5L; x', '(long)5'],
];

const HOST_STATEMENTS: readonly Row[] = [
  ['6.8.1 labels', 'goto a; b: return 2; a: goto b;', '(int)2'],
  ['6.8.1 a label twice', 'a: twice(1); a: goto a;', /the label 'a' is defined twice/],
  ['6.8.2 blocks', 'int x = 1; { int x = 2; } x', '(int)1'],
  ['6.8.3 nothing', ';;; 1;', '(int)1'],
  ['6.8.4.1 if', 'if (counter) return 1; else if (!counter) return 2; else return 3;', '(int)2'],
  [
    '6.8.4.2 switch',
    'switch (BLUE) { case RED: return 1; case BLUE: counter = 4; default: return 2; }',
    '(int)2',
  ],
  ['6.8.4.2 a case twice', 'switch (1) { case 1:; case 2 - 1:; }', /line 1 already has this case/],
  ['6.8.4.2 a range over a case', 'switch (1) { case 1 ... 3:; case 2:; }', /line 1 already has this case/],
  ['6.8.4.2 two defaults', 'switch (1) { default:; default:; }', /one 'default'/],
  [
    '6.8.4.2 a case that cannot be',
    'switch (a_mixed.plain) { case 1ul << 40:; }',
    /int cannot have the value/,
  ],
  ['6.8.4.2 a case outside', 'case 1: 2', /'case' outside of a switch/],
  ['6.8.4.2 over a pointer', 'switch (&counter) { }', /must be an integer/],
  ['6.8.5.1 while', 'int n = 0; while (n < 3) n++; n', '(int)3'],
  ['6.8.5.2 do', 'int n = 0; do n++; while (n < 3); n', '(int)3'],
  ['6.8.5.3 for', 'int s = 0; for (int i = 0, j = 9; i < j; i++, j--) s += j - i; s', '(int)25'],
  ['6.8.6.1 goto', 'int n = 0; a: if (n++ < 3) goto a; n', '(int)4'],
  ['6.8.6.1 to nowhere', 'goto nowhere;', /no label 'nowhere'/],
  ['6.8.6.1 computed', 'void *p = 0; goto *p;', /no computed goto/],
  ['6.8.6.1 into ({ })', 'goto a; ({ a: 1; })', /a label cannot be within \(\{ \}\)/],
  [
    '6.8.6.2 continue',
    'int s = 0; for (int i = 0; i < 4; i++) { if (i == 1) continue; s += i; } s',
    '(int)5',
  ],
  ['6.8.6.2 outside', 'switch (1) { case 1: continue; }', /continue outside of a loop/],
  ['6.8.6.3 break', 'int i = 0; for (;; i++) if (i == 5) break; i', '(int)5'],
  ['6.8.6.3 outside', 'break;', /break outside of a loop or a switch/],
  ['6.8.6.4 return', 'return 3;', '(int)3'],
  ['6.9.1 functions', 'static int f(void) { return 1; } f()', '(int)1'],
  ['6.10.3 constants', '#define N 4\nN', '(int)4'],
  ['6.10.3 macros with parameters', '#define F(x) x\nF(1)', '(int)1'],
  ['6.10.1 conditions', '#if 1\n1\n#endif', '(int)1'],
  ['6.10.2 files', '#include "a.h"\n1', /no header 'a.h'/],
  ['asm', 'asm("nop");', /no 'asm'/],
];

const ROWS = [...CONSTANTS, ...EXPRESSIONS, ...DECLARATIONS, ...HOST_STATEMENTS];

describe.each(TEST_CPUS.filter(canBuild))('what C11 has is there, or refused by name, $arch', cpu => {
  const kernel = new GccKernel(cpu);
  let runs: ReadonlyMap<string, ProgramRun>;
  // Each runs in a process of its own; one emulator starts them all.
  beforeAll(() => {
    const programs = ROWS.filter(([, , wanted]) => typeof wanted === 'string').map(([, program]) => program);
    const all = kernel.run(programs);
    runs = new Map(programs.map((program, index) => [program, all[index]!]));
  });
  afterAll(() => kernel.close());

  test.each(ROWS)('a program with %s gives what C11 says, or is refused by name', (_, program, wanted) => {
    if (typeof wanted === 'string') {
      expect(runs.get(program)!.end).toMatchObject({ kind: 'returned', value: { text: wanted } });
      verifyIr(kernel.compiler.compile(program, 'farcall_test').ir);
    } else {
      const error = failureOf(() => kernel.compiler.compile(program, 'farcall_test'));
      expect(error.message).toMatch(wanted);
      expect(error.location).toBeDefined();
    }
  });
});

describe.skipIf(!ANY_CPU)('the warnings of a C compiler (skipped without gcc)', () => {
  const kernel = ANY_CPU ? new GccKernel(ANY_CPU) : undefined!;
  afterAll(() => kernel?.close());

  test.each([
    ['int x = 5; 1', 'line 1, column 5', "'x' is never used"],
    ['int x = counter; x == 1; x', 'line 1, column 20', 'this value is computed but not used'],
    ['1, 2', 'line 1, column 1', 'this value is computed but not used'],
    ['a_pair; 1', 'line 1, column 1', 'this value is computed but not used'],
    ['for (counter; counter; ) break;', 'line 1, column 6', 'this value is computed but not used'],
    ['twice(a_pair.a)', 'line 1, column 14', 'long is truncated to int'],
    ['signed char c = 200; c', 'line 1, column 17', '200 becomes -56 in signed char'],
    ['some_bits.a = 9', 'line 1, column 15', '9 becomes 1 in a bit field of 3 bits'],
    [
      'counter < sizeof(int)',
      'line 1, column 9',
      '< converts int to unsigned long before it compares: -1 becomes a very large number',
    ],
    ['if (counter) return 1;', 'line 1, column 23', 'the program may end here without a value'],
    ['a: 1', 'line 1, column 1', "no goto uses the label 'a'"],
    [
      'switch (some_bits.color) { case RED: twice(1); }',
      'line 1, column 1',
      'this switch has no default, and no case for GREEN, BLUE of enum color',
    ],
    [
      'struct pair { int z; }; (struct pair){ 1 }.z',
      'line 1, column 1',
      "this hides the kernel's own struct pair",
    ],
  ])('the program %s gets one warning, with its location', (program, place, message) => {
    const { warnings } = kernel.compiler.compile(program, 'farcall_test');
    expect(warnings.map(each => [`line ${each.line}, column ${each.column}`, each.message])).toEqual([
      [place, message],
    ]);
    expect(warnings[0]!.excerpt.split('\n')[1]!.indexOf('^')).toBe(warnings[0]!.column + 3);
  });

  test.each([
    'for_each_task (t) { } twice(1); (void)counter; counter++; counter = 1;',
    'int x; x = 5; if (x) return 1; else return 2;',
    'while (1) if (counter++ > 3) return 1;',
    'switch (counter) { case 1: return 1; default: return 2; }',
    'unsigned char c = -1; int y = 0x80000000; short s = 0xffff; c + y + s',
    'counter == -1; '.slice(0, 13),
  ])('the program %s gets no warning', program => {
    expect(kernel.compiler.compile(program, 'farcall_test').warnings).toEqual([]);
  });
});
