import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KernelSymbol } from '../../../../agent/compiler/index.ts';
import { LinkTimeSymbols } from '../../../../agent/kernel/index.ts';
import { symbolTable } from '../../compiler/support/small-kernel.ts';

/** A kernel that KASLR moved by `slide`, with modules at a place of their own. */
function placed(slide: bigint, modules: bigint): LinkTimeSymbols {
  const at = (name: string, address: bigint, type = 'T', module?: string): KernelSymbol => ({
    ...{ name, address, type, module },
  });
  const text = 0xffff_ffff_8100_0000n + slide;
  return new LinkTimeSymbols(
    symbolTable([
      at('_text', text),
      at('_printk', text + 0x1234n),
      at('panic_timeout', text + 0x100_0000n, 'D'),
      at('this_cpu_off', 0x1f000n, 'A'),
      at('fixed', 0xffff_ffff_ff60_0000n, 'A'),
      at('nfsd_svc', modules + 0x40n, 't', 'nfsd'),
      at('nfsd_svc', modules + 0x9040n, 't', 'other'),
    ]),
  );
}

const NAMES = ['_text', '_printk', 'panic_timeout', 'this_cpu_off', 'fixed', 'nfsd_svc', 'none'];

test('link-time symbols do not tell where the kernel or its modules lie', () => {
  const said = (table: LinkTimeSymbols) =>
    NAMES.flatMap(name => table.lookup(name)).map(symbol => ({
      ...symbol,
      containing: table.containing(symbol.address + 4n),
    }));
  const linked = said(placed(0n, 0xffff_ffff_c000_0000n));
  expect(linked).toHaveLength(7);
  const slide = fc.bigInt(0n, 500n).map(by => by << 21n);
  const modules = fc.bigInt(0n, 1023n).map(page => 0xffff_ffff_c000_0000n + (page << 12n));
  fc.assert(
    fc.property(slide, modules, (by, at) => {
      expect(said(placed(by, at))).toEqual(linked);
    }),
  );
});

test('link-time symbols keep the distances within the kernel, and addresses have their symbol', () => {
  const table = placed(0x2a00_0000n, 0xffff_ffff_c012_3000n);
  const [printk] = table.lookup('_printk');
  expect(printk!.address - table.lookup('_text')[0]!.address).toBe(0x1234n);
  expect(table.containing(printk!.address + 1n)).toMatchObject({ symbol: { name: '_printk' }, offset: 1n });
  expect(table.lookup('this_cpu_off')[0]!.address).toBe(0x1f000n);
  expect(new Set(table.lookup('nfsd_svc').map(({ address }) => address)).size).toBe(2);
  expect(table.containing(table.lookup('nfsd_svc')[1]!.address)).toMatchObject({
    symbol: { module: 'other' },
  });
  expect(table.containing(8n)).toBeUndefined();
});

test('a table that does not say where the kernel begins is not used', () => {
  expect(() => new LinkTimeSymbols(symbolTable([]))).toThrow(
    expect.objectContaining({ code: 'KERNEL_LACKS' }),
  );
});
