import { describe, expect, test } from 'vitest';
import { checkAddresses } from '../../../controller/module-signing/address-bounds.ts';
import type { BuildFacts } from '../../../shared/messages/index.ts';

const START = 0xffff_ffff_8000_0000n;
const END = 0xffff_ffff_c000_0000n;
const TEXT = 0xffff_ffff_8100_0000n;
const GIB = 1n << 30n;

/** Whether these places may be in a kernel whose text begins at `textStart`. */
function fits(
  place: { readonly address: bigint; readonly module?: string } | undefined,
  { textStart = TEXT, arch = 'x86_64', asPointer = false } = {},
): boolean {
  const address = place?.address.toString(16) ?? '';
  const each = { name: 'f', type: 'T', address, module: place?.module ?? '' };
  const found = place ? [each] : [];
  const facts = asPointer
    ? { arch, symbols: [], pointers: [{ prototype: 'void (void)', functions: found }] }
    : { arch, symbols: [{ name: 'f', variants: false, found }], pointers: [] };
  try {
    checkAddresses(facts as unknown as BuildFacts, textStart);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'SIGNING_REFUSED' });
    return false;
  }
}

describe('the addresses that a host names', () => {
  test('the addresses that a host names begin where kernels do', () => {
    const begins = (textStart: bigint, arch = 'x86_64') => fits(undefined, { textStart, arch });
    expect([START - 1n, START, END - 1n, END].map(at => begins(at))).toEqual([false, true, true, false]);
    const [low, high] = [0xffff_8000_0000_0000n, 0xffff_ffff_0000_0000n];
    expect([low - 1n, low, high - 1n, high].map(at => begins(at, 'aarch64'))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(begins(TEXT, 'riscv64')).toBe(false);
  });

  test.each([false, true])('a place of the kernel lies near to its text (of a pointer: %s)', asPointer => {
    const lies = (address: bigint, textStart = TEXT) => fits({ address }, { textStart, asPointer });
    expect([START - 1n, START, TEXT, END - 1n, END].map(at => lies(at))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    const far = 0xffff_a000_0000_0000n;
    const near = (address: bigint) => fits({ address }, { textStart: far, arch: 'aarch64', asPointer });
    expect([far + GIB - 1n, far + GIB, far - GIB + 1n, far - GIB].map(near)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  test('a small number is an offset of a symbol, and no function of a pointer', () => {
    const limit = 16n << 20n;
    expect([0n, limit - 1n, limit].map(address => fits({ address }))).toEqual([true, true, false]);
    expect(fits({ address: 0n }, { asPointer: true })).toBe(false);
  });

  test.each([false, true])('a place of a module lies where modules do (of a pointer: %s)', asPointer => {
    const lies = (address: bigint) => fits({ address, module: 'nfsd' }, { asPointer });
    const [low, high] = [0xffff_ffff_a000_0000n, 0xffff_ffff_ff00_0000n];
    expect([low - 1n, low, high - 1n, high, 0n].map(lies)).toEqual([false, true, true, false, false]);
  });
});
