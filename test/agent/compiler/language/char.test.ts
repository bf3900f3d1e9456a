import { describe, expect, test } from 'vitest';
import { BtfBuilder } from '../support/btf-builder.ts';
import { kernelOf } from '../support/kernel-of.ts';

/** The IR constants of a program on a kernel whose `char` is signed, or not. */
function constants(program: string, isSigned: boolean): bigint[] {
  const b = new BtfBuilder();
  b.func('take', b.int('long int', 8), { value: b.int('long int', 8) });
  b.func('text', b.int('char', 1, isSigned));
  const { ir } = kernelOf(b, { text: { take: 0xffffffff81000000n } }).compile(program, 'farcall_test');
  return ir.blocks.flatMap(({ instructions }) =>
    instructions.flatMap(each => (each.op === 'const' ? [BigInt.asIntN(64, each.value)] : [])),
  );
}

describe('char is signed where the kernel says so', () => {
  test.each([
    ["take('\\xff')", -1n, 255n],
    ['take((char)200)', -56n, 200n],
    ['take((char)255 < 0)', 1n, 0n],
    ["take('a')", 97n, 97n],
    ['take((signed char)255)', -1n, -1n],
    ['take((unsigned char)255)', 255n, 255n],
  ])('the program %s passes the value that the sign of char gives', (program, whenSigned, whenNot) => {
    expect(constants(program, true)).toContain(whenSigned);
    expect(constants(program, false)).toContain(whenNot);
  });
});
