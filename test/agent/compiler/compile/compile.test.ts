import { describe, expect, test } from 'vitest';
import { printIr } from '../../../../agent/compiler/index.ts';
import { FarcallError } from '../../../../shared/errors/index.ts';
import { smallKernel } from '../support/small-kernel.ts';

const { compiler } = smallKernel();

function failure(program: string): FarcallError {
  try {
    compiler.compile(program, 'farcall_test');
  } catch (error) {
    if (error instanceof FarcallError) return error;
    throw error;
  }
  throw new Error(`'${program}' compiled`);
}

function ir(program: string): string {
  return printIr(compiler.compile(program, 'farcall_test').ir);
}

describe('an error in a program is reported with its location', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['', 'PROGRAM_SYNTAX', /the program is empty/],
    [
      'printk("x")',
      'SYMBOL_UNKNOWN',
      /column 1: this kernel has no function 'printk'; did you mean '_printk'/,
    ],
    ['inlined_away()', 'SYMBOL_INLINED', /inlined 'inlined_away'/],
    ['part_only()', 'SYMBOL_INLINED', /only fragments are left: part_only\.part\.0/],
    ['cloned(1)', 'SYMBOL_NOT_CALLABLE', /replaced 'cloned' by 'cloned\.constprop\.0'/],
    ['twice()', 'SYMBOL_AMBIGUOUS', /2 functions named 'twice'/],
    ['early()', 'SYMBOL_INIT', /existed only while the kernel started/],
    ['untyped()', 'SYMBOL_NOT_CALLABLE', /no type information/],
    ['get_int(1)', 'PROGRAM_TYPE', /'get_int' takes 0 arguments, not 1: int get_int\(void\)/],
    ['get_int(1)', 'PROGRAM_TYPE', /: int get_int\(void\)\n/],
    [
      'nothing(1)',
      'PROGRAM_TYPE',
      /: void nothing\(void\); if it is written in assembler, declare it \(extern int nothing\(…\);\)\n/,
    ],
    [
      '_printk()',
      'PROGRAM_TYPE',
      /takes at least 1 argument, not 0: int _printk\(const char \*fmt, \.\.\.\)/,
    ],
    ['take_u8("x")', 'PROGRAM_TYPE', /argument 1 of 'take_u8': expected u8, found a string/],
    ['take_u8(300)', 'PROGRAM_TYPE', /300 does not fit in u8 \(0 to 255\)/],
    ['take_short(-70000)', 'PROGRAM_TYPE', /-70000 does not fit in short \(-32768 to 32767\)/],
    ['take_task(4096)', 'PROGRAM_TYPE', /expected struct task_struct \*, found the number 4096/],
    [
      'take_task(&init_task + nope)',
      'SYMBOL_UNKNOWN',
      /column 24: this kernel has no function, enumerator or symbol 'nope'/,
    ],
    ['const char *s = "x"; take_buffer(s)', 'PROGRAM_TYPE', /this would allow writes to const memory/],
    ['take_task("x")', 'PROGRAM_TYPE', /expected struct task_struct \*, found a string/],
    ['take_pair(1)', 'PROGRAM_TYPE', /expected struct pair, found the number 1/],
    ['take_u8(nothing())', 'PROGRAM_TYPE', /a value of type void/],
    ['nothing() + 1', 'PROGRAM_TYPE', /must be an integer, not void/],
    ['1 / 0', 'PROGRAM_TYPE', /division by zero/],
    ['1 << 32', 'PROGRAM_TYPE', /a shift by 32/],
    ['_printk("abc', 'PROGRAM_SYNTAX', /column 9: this string has no end/],
    ["'ab'", 'PROGRAM_SYNTAX', /exactly one byte/],
    ['"\\q"', 'PROGRAM_SYNTAX', /C has no escape/],
    ['get_int(', 'PROGRAM_SYNTAX', /expected an expression, found the end/],
    ['get_int() get_int()', 'PROGRAM_SYNTAX', /expected ';' after the expression, found 'get_int'/],
    ['1.5', 'PROGRAM_UNSUPPORTED', /floating-point/],
    ['08', 'PROGRAM_SYNTAX', /the digit 8/],
    ['12abc', 'PROGRAM_SYNTAX', /'abc' cannot follow a number/],
    ['99999999999999999999', 'PROGRAM_SYNTAX', /more than 64 bits/],
    ['18446744073709551615', 'PROGRAM_TYPE', /write 18446744073709551615u/],
    ['#define X', 'PROGRAM_SYNTAX', /the program is empty/],
    ['1 # define X', 'PROGRAM_SYNTAX', /column 3: a '#' can only be in a directive/],
    ['#include <linux/fs.h>', 'PROGRAM_UNSUPPORTED', /farcall has no header 'linux\/fs.h'/],
    ['#define MAX(a, b) a\nMAX(1)', 'PROGRAM_SYNTAX', /'MAX' takes 2 arguments, not 1/],
    ['#define 5\n1', 'PROGRAM_SYNTAX', /column 9: expected the name of a macro/],
    ['#define A 1\n#define A 2\nA', 'PROGRAM_SYNTAX', /line 2, column 9: 'A' is already defined/],
    ['#define A 1 +\n\nA', 'PROGRAM_SYNTAX', /expected an expression, found the end/],
    ['#define A nope\n1 + A', 'SYMBOL_UNKNOWN', /line 2, column 5: .* 'nope'/],
    [
      `${Array.from({ length: 30 }, (_, n) => `#define A${n} A${n + 1} A${n + 1}\n`).join('')}A0`,
      'PROGRAM_TOO_LARGE',
      /macros expand to more than 131072 tokens/,
    ],
    [
      `${Array.from({ length: 70 }, (_, n) => `#define A${n} A${n + 1}\n`).join('')}A0`,
      'PROGRAM_SYNTAX',
      /macros are nested more than 64 deep/,
    ],
    ['/* open', 'PROGRAM_SYNTAX', /comment has no end/],
    ['get_int() = 1', 'PROGRAM_TYPE', /cannot be assigned to/],
    ['get_task()->pidd', 'PROGRAM_TYPE', /struct task_struct has no member 'pidd'; did you mean 'pid'/],
    ['init_task', 'PROGRAM_TYPE', /this kernel's BTF has no type for/],
    ['(struct nope *)0', 'PROGRAM_TYPE', /no 'struct nope'/],
    ['(long short)0', 'PROGRAM_TYPE', /call programs have no type/],
    ['sizeof(void)', 'PROGRAM_TYPE', /void has no size/],
    ['get_int@nfsd()', 'SYMBOL_UNKNOWN', /module 'nfsd' is not loaded, or has no function 'get_int'/],
    ['get_int@9p()', 'SYMBOL_UNKNOWN', /module '9p' is not loaded/],
    ['get_int@ 8021q()', 'SYMBOL_UNKNOWN', /module '8021q' is not loaded/],
    ['get_int@()', 'PROGRAM_SYNTAX', /a module's name after '@'/],
    ['&init_task@nfsd', 'SYMBOL_UNKNOWN', /module 'nfsd' is not loaded, or has no symbol 'init_task'/],
    [`get_int(${'('.repeat(3000)}`, 'PROGRAM_SYNTAX', /levels of nesting/],
    [`1${'+1'.repeat(30_000)}`, 'PROGRAM_SYNTAX', /this expression has more than 1000 operators/],
    [`${'~'.repeat(3000)}1`, 'PROGRAM_SYNTAX', /levels of nesting/],
    [`_printk("${'x'.repeat(100_000)}")`, 'PROGRAM_TOO_LARGE', /the limit is 65536/],
  ];
  test.each(cases.map(([program, ...rest]) => [program.slice(0, 40), program, ...rest] as const))(
    'the program %s is refused with its error',
    (_, program, code, message) => {
      const error = failure(program);
      expect(error.message).toMatch(message);
      expect(error.code).toBe(code);
      if (code !== 'PROGRAM_TOO_LARGE') expect(error.location).toBeDefined();
    },
  );

  test('an error shows the line with a caret below the location', () => {
    expect(failure('get_int() +\n  take_u8("x")').message).toBe(
      "line 2, column 11: argument 1 of 'take_u8': expected u8, found a string: int take_u8(u8 value)\n" +
        '      take_u8("x")\n' +
        '              ^',
    );
  });

  test('control characters of a program do not reach the terminal through an error', () => {
    const { message } = failure('get_int(\u001b[2J\u202e');
    expect(message.includes('\u001b') || message.includes('\u202e')).toBe(false);
  });
});

describe('constants are folded by the rules of C', () => {
  test.each([
    ['take_u8(1 + 2 * 3)', 0x7n],
    ['take_u8(-1)', 0xffn],
    ['take_short(0x8000)', 0xffffffffffff8000n],
    ['take_bool(2)', 1n],
    ["take_u8('\\x41')", 0x41n],
    ["take_short('\\xff')", 0xffffffffffffffffn],
    ['take_u8(-7 / 2 + 10)', 7n],
    ['take_u8(-7 % 3 + 10)', 9n],
    ['take_short(~0)', 0xffffffffffffffffn],
    ['take_u8(1u - 2 > 0)', 1n],
    ['take_u8(-1 < 0u)', 0n],
    ['take_u8(-1 < 0)', 1n],
    ['take_u8((unsigned char)300)', 44n],
    ['take_u8(sizeof(long) + sizeof(struct task_struct *))', 16n],
    ['take_u8(sizeof("abc"))', 4n],
    ['take_color(BLUE)', 2n],
    ['take_u8(BLUE + GREEN)', 3n],
    ['eight(0, 0, 0, 0, 0, 0, 0, WIDE >> 40)', 1n],
    ['eight(0, 0, 0, 0, 0, 0, 0, 0xffffffff + 1)', 0n],
    ['eight(0, 0, 0, 0, 0, 0, 0, 4294967295 + 1)', 0x100000000n],
    ['eight(0, 0, 0, 0, 0, 0, 0, -2147483648)', 0xffffffff80000000n],
    ["take_u8(0b1'01)", 5n],
    ['take_u8(017)', 15n],
    ['take_u8(true)', 1n],
    ['#define A B + 1\n# define B 3 // three\ntake_u8(A * 2)', 5n],
    ['#define A (A + 1)\n#define A (A + 1)\nenum { A_ = 7 }; take_u8(A_)', 7n],
    ['#define LONG 1 + \\\n 2\ntake_u8(LONG)', 3n],
  ])('the program %s passes the folded constant', (program, value) => {
    const constants = [...ir(program).matchAll(/const 0x([0-9a-f]+)/g)].map(([, hex]) => BigInt(`0x${hex}`));
    expect(constants.at(-1)).toBe(value);
  });
});

describe('a typed program is lowered to IR', () => {
  test('a variadic call is lowered, with its result narrowed to int', () => {
    expect(ir('_printk("Hello, world %d\\n", 1234)')).toBe(
      [
        '; data 17 bytes, result 8 bytes',
        'b0:',
        '    t0 = data+0',
        '    t1 = const 0x4d2',
        '    t2 = call _printk(t0, t1)',
        '    t3 = sext32 t2',
        '    result+0 = t3',
        '    end 1 at 0',
        '',
      ].join('\n'),
    );
  });

  test('default argument promotions widen a char and keep a pointer', () => {
    expect(ir('_printk("%d %p", get_u8(), &init_task)')).toContain('zext8');
  });

  test('&& looks at its right side only when it must', () => {
    expect(ir('get_int() && get_long()')).toMatch(/branch t\d+ \? b1 : b2\nb1:\n {4}t\d+ = call get_long/);
  });

  test('a division by what may be zero is guarded', () => {
    expect(ir('1 / get_int()')).toContain('end 2 at 2');
  });

  test('the functions that a program calls are listed once, with prototypes', () => {
    const { callees } = compiler.compile('take_u8(get_int() ? take_u8(1) : 2)', 'farcall_test');
    expect(callees.map(({ prototype }) => prototype)).toEqual(['int take_u8(u8 value)', 'int get_int(void)']);
  });
});

test('the same program gives the same bytes', () => {
  const program = 'eight(1, 2, 3, 4, 5, 6, 7, get_long() * 2 + get_int())';
  const { image } = compiler.compile(program, 'farcall_test');
  const again = smallKernel().compiler.compile(program, 'farcall_test').image;
  expect(Buffer.compare(image, again)).toBe(0);
});
