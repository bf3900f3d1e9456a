import { describe, expect, test } from 'vitest';
import { BtfBuilder } from '../support/btf-builder.ts';
import { kernelOf } from '../support/kernel-of.ts';

/** A kernel whose BTF has these prototypes of one function: the names of its parameters, with their bytes. */
function kernelWith(...prototypes: readonly Readonly<Record<string, number>>[]) {
  const b = new BtfBuilder();
  const int = b.int('int', 4);
  const types: Readonly<Record<number, number>> = { 4: int, 8: b.int('long', 8) };
  for (const params of prototypes)
    b.func(
      'f',
      int,
      Object.fromEntries(Object.entries(params).map(([name, bytes]) => [name, types[bytes]!])),
    );
  return kernelOf(b, { text: { f: 0xffffffff81000000n } });
}

describe('a function that BTF has twice', () => {
  test('a function that BTF has twice is one where only its parameters have other names', () => {
    const compiled = kernelWith({ regs: 4 }, { __unused: 4 }).compile('f(1)', 'm');
    expect(compiled.callees.map(({ prototype }) => prototype)).toEqual(['int f(int regs)']);
  });

  test('a function that BTF has twice with other types must be declared, and the error shows both', () => {
    expect(() => kernelWith({ a: 4 }, { a: 8 }).compile('f(1)', 'm')).toThrow(
      expect.objectContaining({
        code: 'SYMBOL_AMBIGUOUS',
        message: expect.stringMatching(
          /several prototypes for 'f': int f\(int a\); int f\(long a\); declare/,
        ),
      }),
    );
  });
});
