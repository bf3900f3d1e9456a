import { describe, expect, test } from 'vitest';
import type { ProgramEnd } from '../../../../agent/compiler/index.ts';
import { canRun, TEST_CPUS } from '../support/test-cpus.ts';
import { MOST_ARGUMENTS, UserKernel } from '../support/user-kernel.ts';

const EINPROGRESS = -115;
/** Programs run for each CPU that this machine has, or can emulate. */
const RUNNABLE = TEST_CPUS.filter(canRun);

/** What a program says it ended with: its value with its type, or its fault. */
function spelled(end: ProgramEnd): string {
  return end.kind === 'returned' ? end.value.text.replace(/ \/\*.*/, '') : end.error.message.split('\n')[0]!;
}

describe.each(RUNNABLE)('compiled code gives what C says, $arch', cpu => {
  const I64_MIN = '-9223372036854775808';
  const cases: readonly (readonly [program: string, value: string])[] = [
    // results are cut to their type
    ['i8_ones()', '(signed char)-1'],
    ['u8_ones()', '(unsigned char)255'],
    ['i16_high()', '(short)-32768'],
    ['u16_high()', '(unsigned short)32768'],
    ['i32_high()', '(int)-2147483648'],
    ['u32_ones()', '(unsigned int)4294967295'],
    ['i64_high()', `(long)${I64_MIN}`],
    ['u64_ones()', '(unsigned long)18446744073709551615'],
    ['bool_one()', '(_Bool)true'],
    ['bool_zero()', '(_Bool)false'],
    ['color_one()', '(enum color)GREEN'],
    ['sign_ones()', '(enum sign)MINUS'],
    // addition and its kin wrap at the width of their type
    ['i32_low() + i32_one()', '(int)-2147483648'],
    ['u32_ones() + u32_one()', '(unsigned int)0'],
    ['i8_low() + i8_one()', '(int)128'],
    ['u8_ones() * u8_ones()', '(int)65025'],
    ['u16_ones() * u16_ones()', '(int)-131071'],
    ['u32_zero() - 1', '(unsigned int)4294967295'],
    ['i64_low() + 1', `(long)${I64_MIN}`],
    ['u64_ones() * u64_ones()', '(unsigned long)1'],
    ['i32_ones() + u32_zero()', '(unsigned int)4294967295'],
    ['i32_ones() + u64_zero()', '(unsigned long)18446744073709551615'],
    ['u32_ones() + i64_zero()', '(long)4294967295'],
    ['-i32_high()', '(int)-2147483648'],
    ['-u32_one()', '(unsigned int)4294967295'],
    ['-bool_one()', '(int)-1'],
    ['~u8_zero()', '(int)-1'],
    ['~u64_ones()', '(unsigned long)0'],
    ['!i64_high()', '(int)0'],
    ['!u8_zero()', '(int)1'],
    // division
    ['-i32_seven() / 2', '(int)-3'],
    ['-i32_seven() % 2', '(int)-1'],
    ['i32_seven() / -2', '(int)-3'],
    ['i32_seven() % -2', '(int)1'],
    ['u32_ones() / 2', '(unsigned int)2147483647'],
    ['u64_ones() / 10', '(unsigned long)1844674407370955161'],
    ['u64_ones() % 10', '(unsigned long)5'],
    ['i32_high() / i32_ones()', '(int)-2147483648'],
    ['i32_high() % i32_ones()', '(int)0'],
    ['i64_high() / i64_ones()', `(long)${I64_MIN}`],
    ['i64_high() % i64_ones()', '(long)0'],
    ['i64_high() / -1', `(long)${I64_MIN}`],
    ['u64_high() / u64_ones()', '(unsigned long)0'],
    ['i64_seven() / i64_ones()', '(long)-7'],
    ['1 / i32_zero()', 'line 1, column 3: division by zero'],
    ['u64_one() % (1 + u64_zero() - 1)', 'line 1, column 11: division by zero'],
    ['1 + i8_seven() / bool_zero()', 'line 1, column 16: division by zero'],
    ['i32_zero() && 1 / i32_zero()', '(int)0'],
    ['i32_one() ? 2 : 1 / i32_zero()', '(int)2'],
    // shifts: the count counts modulo the width of the left side
    ['i32_ones() << 31', '(int)-2147483648'],
    ['i32_one() << (u8_seven() + 24)', '(int)-2147483648'],
    ['u32_one() << 31', '(unsigned int)2147483648'],
    ['i64_one() << 63', `(long)${I64_MIN}`],
    ['i8_high() >> 3', '(int)-16'],
    ['u32_high() >> 31', '(unsigned int)1'],
    ['i32_high() >> 31', '(int)-1'],
    ['u64_high() >> 63', '(unsigned long)1'],
    ['i32_one() << (i32_one() + 31)', '(int)1'],
    ['u64_ones() >> (i64_seven() + 57)', '(unsigned long)18446744073709551615'],
    ['i32_seven() << i8_ones()', '(int)-2147483648'],
    // comparisons
    ['i32_ones() < u32_zero()', '(int)0'],
    ['i32_ones() < i64_zero()', '(int)1'],
    ['u32_ones() > i64_ones()', '(int)1'],
    ['u64_ones() > i64_ones()', '(int)0'],
    ['u64_ones() == i64_ones()', '(int)1'],
    ['u8_ones() == i8_ones()', '(int)0'],
    ['i64_high() <= i64_low()', '(int)1'],
    ['u64_high() >= u64_low()', '(int)1'],
    ['i8_high() != u8_high()', '(int)1'],
    // conversions
    ['(signed char)i32_some()', '(signed char)71'],
    ['(unsigned char)u64_some()', '(unsigned char)71'],
    ['(short)u64_some()', '(short)-32185'],
    ['(int)u64_some()', '(int)-504331705'],
    ['(unsigned)i8_ones()', '(unsigned int)4294967295'],
    ['(unsigned long)i32_high()', '(unsigned long)18446744071562067968'],
    ['(unsigned long)u32_high()', '(unsigned long)2147483648'],
    ['(_Bool)u64_high()', '(_Bool)true'],
    ['(_Bool)(i32_one() - 1)', '(_Bool)false'],
    ['(void)i32_one()', '(void)'],
    // order and what is not evaluated
    ['i32_zero() || u64_high()', '(int)1'],
    ['i32_seven() && u64_high()', '(int)1'],
    ['(i32_one(), i8_ones())', '(signed char)-1'],
    ['bool_one() ? u8_ones() : i64_zero()', '(long)255'],
    ['(i32_one() ? i32_ones() : u32_zero()) / 2', '(unsigned int)2147483647'],
    ['((u8_one() ? 1 : 2) ? (i8_zero() ? 3 : 4) : 5)', '(int)4'],
    // pointers
    ['(char *)i64_seven() + u8_ones()', '(char *)0x106'],
    ['(long *)i64_seven() + i8_ones()', '(long *)ERR_PTR(-1)'],
    ['(int *)u64_high() - (int *)u64_low()', '(long)0'],
    ['(long *)64ul - (long *)i64_zero()', '(long)8'],
    ['(void *)i64_ones() > (void *)i64_zero()', '(int)1'],
    ['*"x" ', ''],
  ].filter(([, value]) => value !== '') as [string, string][];

  const kernel = new UserKernel(cpu);
  const { ends, results } = kernel.run(cases.map(([program]) => program));

  test.each(cases.map(([program, value], index) => [program, value, ends[index]!] as const))(
    'the expression %s is %s',
    (_, value, end) => {
      expect(spelled(end)).toBe(value);
    },
  );

  test('init always answers -EINPROGRESS', () => {
    expect(new Set(results.map(({ returned }) => returned))).toEqual(new Set([EINPROGRESS]));
  });
});

describe.each(RUNNABLE)('compiled code calls functions by the ABI, $arch', cpu => {
  const record = (program: string) => new UserKernel(cpu).run([program]).record;
  const count = (program: string) => record(program)[15];

  test.each(Array.from({ length: MOST_ARGUMENTS + 1 }, (_, n) => n))(
    'compiled code calls functions by the ABI with %d arguments',
    n => {
      const args = Array.from({ length: n }, (_, index) => `${index + 1} * i64_ones() - ${index * 1000}`);
      const kernel = new UserKernel(cpu);
      const { record, ends } = kernel.run([`record${n}(${args.join(', ')})`]);
      expect(record.slice(1, n + 1)).toEqual(args.map((_, index) => BigInt(-(index + 1) - index * 1000)));
      expect(spelled(ends[0]!)).toBe(`(long)${n}`);
    },
  );

  test('narrow arguments are extended by their sign, or with zeros', () => {
    expect(
      record('record_narrow(i64_ones(), i64_ones(), i64_some(), i64_some(), i64_some(), i64_some())').slice(
        1,
        7,
      ),
    ).toEqual([-1n, 255n, -32185n, 33351n, -504331705n, 3790635591n]);
  });

  test('a variadic call promotes, and says that no vector registers are used', () => {
    const words = record(
      'record_variadic(i8_high(), i8_high(), u8_high(), bool_one(), u16_ones(), u32_ones(), i64_high(), -1, (void *)2)',
    );
    expect(words.slice(0, 10)).toEqual([
      0n,
      -128n,
      -128n,
      128n,
      1n,
      65535n,
      4294967295n,
      -(1n << 63n),
      -1n,
      2n,
    ]);
  });

  test('calls within arguments do not disturb those that are ready', () => {
    expect(
      record(
        'record8(1, record8(8, 7, 6, 5, 4, 3, 2, 1), 3, record2(i8_ones(), 0), 5, 6, record12(0,0,0,0,0,0,0,0,0,0,0,0), 8)',
      ).slice(1, 9),
    ).toEqual([1n, 8n, 3n, 2n, 5n, 6n, 12n, 8n]);
  });

  test.each([
    ['count(1) && count(0) && count(1)', 2n],
    ['count(0) || count(0) || count(1) || count(1)', 3n],
    ['count(1) ? count(2) : count(3)', 2n],
    ['(count(1), count(2), count(3))', 3n],
    ['sizeof(count(1))', 0n],
    ['count(count(count(1)))', 3n],
    ['count(0) && (count(1) || count(1))', 1n],
    ['1 / count(0) + count(1)', 1n],
  ])('the program %s calls the function %d times', (program, times) => {
    expect(count(program)).toBe(times);
  });

  test('a string is at the address that is passed', () => {
    const kernel = new UserKernel(cpu);
    const { record, ends } = kernel.run([
      'record3((long)"first", (long)"second", (long)"first" )',
      'i32_one()',
    ]);
    expect(record[2]! - record[1]!).toBe(6n);
    expect(spelled(ends[1]!)).toBe('(int)1');
  });
});
