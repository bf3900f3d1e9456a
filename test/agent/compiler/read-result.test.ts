import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { failureOf, guarded } from './support/guarded.ts';
import { smallKernel } from './support/small-kernel.ts';

const { compiler } = smallKernel();
const RETURNED = 1n;
const DIVIDED_BY_ZERO = 2n;

/** A result area: end, place, fault address, used bytes, dropped rows, and then the value. */
function area(end: bigint, place: bigint, ...value: readonly bigint[]): Uint8Array {
  const used = BigInt(40 + value.length * 8);
  return new Uint8Array(BigUint64Array.from([end, place, 0n, used, 0n, ...value]).buffer);
}

function read(program: string, bytes: Uint8Array) {
  return compiler.compile(program, 'farcall_test').readResult(bytes);
}

describe('a result is read together with its type', () => {
  test.each([
    [
      'get_int()',
      0xdeadbeef_fffffff2n,
      { text: '(int)-14 /* -EFAULT */', integer: '-14', errnoName: '-EFAULT' },
    ],
    ['get_int()', 5n, { text: '(int)5', integer: '5' }],
    ['get_uint()', 0xfffffff2n, { text: '(unsigned int)4294967282', integer: '4294967282' }],
    ['get_u8()', 0xffffffffffffff41n, { type: 'u8', text: '(u8)65' }],
    ['get_bool()', 1n, { kind: 'bool', text: '(bool)true', integer: '1' }],
    ['get_long()', 1n << 63n, { text: '(long)-9223372036854775808' }],
    ['take_string("")', (1n << 64n) - 1n, { text: '(size_t)18446744073709551615' }],
    ['take_color(RED)', 2n, { kind: 'enum', text: '(enum color)BLUE /* 2 */', enumerator: 'BLUE' }],
    ['take_color(RED)', 77n, { kind: 'enum', text: '(enum color)77' }],
    ['get_task()', 0n, { kind: 'pointer', text: '(struct task_struct *)0x0' }],
    [
      'get_task()',
      (1n << 64n) - 12n,
      { text: '(struct task_struct *)ERR_PTR(-12) /* -ENOMEM */', errnoName: '-ENOMEM' },
    ],
    [
      'get_task()',
      0xffffffff82000010n,
      { text: '(struct task_struct *)0xffffffff82000010 /* init_task+0x10 */', symbol: 'init_task+0x10' },
    ],
  ] as const)('%s with the raw value %d is read with its type', (program, raw, value) => {
    expect(read(program, area(RETURNED, 0n, raw))).toMatchObject({ kind: 'returned', value });
  });

  test('a program without a value has none', () => {
    expect(read('nothing()', area(RETURNED, 0n))).toEqual({
      kind: 'returned',
      value: { type: 'void', text: '(void)', kind: 'void' },
      rows: [],
      droppedRows: 0,
    });
  });

  test('a division by zero is reported at its location in the program', () => {
    const end = read('1 +\n get_int() / get_int()', area(DIVIDED_BY_ZERO, 15n, 0n));
    expect(end).toMatchObject({
      kind: 'faulted',
      error: { code: 'CALL_FAULTED', location: { line: 2, column: 12 } },
    });
  });
});

describe('a result area that no module wrote is an error', () => {
  test.each([0n, 9n, 99n, (1n << 64n) - 1n, (1n << 53n) + 1n])('the end %d', end => {
    expect(failureOf(() => read('get_int()', area(end, 0n, 0n))).code).toBe('LOADER_FAILED');
  });

  test.each([0, 1, 8, 15, 16, 17, 23])('a result area of %d bytes is refused', length => {
    const bytes = area(RETURNED, 0n, 0n).subarray(0, length);
    expect(failureOf(() => read('get_int()', bytes)).code).toBe('LOADER_FAILED');
  });

  test('a result area of random bytes gives a result or an error of ours', () => {
    const words = fc.array(
      fc.oneof(fc.bigInt({ min: 0n, max: 3n }), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })),
    );
    const programs = fc.constantFrom(
      'get_int()',
      'get_task()',
      'get_bool()',
      'take_color(RED)',
      'nothing()',
      '1 / get_int()',
    );
    fc.assert(
      fc.property(programs, words, fc.nat({ max: 7 }), (program, values, cut) => {
        const bytes = new Uint8Array(BigUint64Array.from(values).buffer);
        const { error } = guarded(() => read(program, bytes.subarray(0, Math.max(0, bytes.length - cut))));
        if (error) expect(error.code).toBe('LOADER_FAILED');
      }),
      { seed: 9, numRuns: 1000 },
    );
  });
});
