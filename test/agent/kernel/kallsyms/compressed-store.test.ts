import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCompressedStore } from '../../../../agent/kernel/kallsyms/index.ts';
import { VmcoreInfo } from '../../../../agent/kernel/kcore/index.ts';
import { FakeMemory } from '../help/fake-memory.ts';
import { IMAGE_BASE, type ImageEncoding, kallsymsImage, someSymbols } from '../help/kallsyms-image.ts';
import { valueOrError } from '../help/value-or-error.ts';

const LONG = `rust_${'very_long_and_odd_NAME'.repeat(20)}Q`;
const OWN = [
  { type: 'T', name: '_printk', address: IMAGE_BASE + 0x10_0000n },
  { type: 't', name: 'twice', address: IMAGE_BASE + 0x11_0000n },
  { type: 'd', name: 'twice', address: IMAGE_BASE + 0x12_0000n },
  { type: 'W', name: LONG, address: IMAGE_BASE + 0x13_0000n },
  { type: 'D', name: 'up', address: IMAGE_BASE + 0x13_0000n },
];
const PER_CPU = [{ type: 'A', name: 'per_cpu_thing', address: 0x1000n }];

describe.each<ImageEncoding>(['absolute-percpu', 'base-relative', 'place-relative'])(
  'a symbol table with addresses %s',
  encoding => {
    const symbols = someSymbols(encoding === 'absolute-percpu' ? [...OWN, ...PER_CPU] : OWN);
    const { memory, info } = kallsymsImage(symbols, encoding);
    const store = openCompressedStore(memory, info);

    test('a table of symbols is told apart from tables of the other encodings', () => {
      expect(store.encoding).toBe(encoding);
      expect(store.count).toBe(symbols.length);
    });

    test('a table of symbols finds every symbol, and gives it as it went in', () => {
      for (const [index, { name, type, address }] of symbols.entries()) {
        expect(store.symbol(index)).toEqual({ name, type, address, module: undefined });
        expect(store.find(name)).toContain(index);
      }
    });

    test('a table of symbols finds all symbols of one name, in order', () => {
      expect(store.find('twice').map(handle => store.symbol(handle).type)).toEqual(['t', 'd']);
    });

    test('a table of symbols does not find what is not there', () => {
      const names = ['', 'twic', 'wice', 'twicee', 'ttwice', '_printk_', 'p', ' ', 'ä', 'x'.repeat(5000)];
      expect(names.filter(name => store.find(name).length > 0)).toEqual([]);
    });

    test('a table of symbols finds the symbol of an address', () => {
      const holder = (address: bigint) => {
        const handle = store.containing(address);
        return handle === undefined ? undefined : store.symbol(handle).name;
      };
      expect(holder(IMAGE_BASE + 0x10_0007n)).toBe('_printk');
      expect(holder(IMAGE_BASE + 0x13_0000n)).toBe(LONG);
      expect(holder(IMAGE_BASE + 0x13_0001n)).toBeUndefined();
      expect(holder(IMAGE_BASE - 0x1000_0000n)).toBeUndefined();
    });

    test('visits each name within the bounds of a scan once', () => {
      const wanted = symbols
        .filter(({ name }) => name.length >= 5 && name.length <= 12)
        .map(({ name }) => name);
      const visited: string[] = [];
      store.scan(5, 12, (_handle, bytes, start, end) => {
        visited.push(Buffer.from(bytes.subarray(start, end)).toString('latin1'));
      });
      expect(visited).toEqual(wanted);
    });
  },
);

describe('a symbol table that does not fit the kernel is refused', () => {
  const { memory, info } = kallsymsImage(someSymbols(), 'base-relative');
  const changed = (key: string, value: string | undefined) => {
    const keys = ['_stext', 'names', 'num_syms', 'token_table', 'token_index', 'offsets', 'relative_base'];
    const values = new Map<string, string>();
    for (const name of keys.map(key => `SYMBOL(${key === '_stext' ? key : `kallsyms_${key}`})`)) {
      const old = info.value(name);
      if (old !== undefined) values.set(name, old);
    }
    if (value === undefined) values.delete(key);
    else values.set(key, value);
    return new VmcoreInfo(values);
  };

  test.each([
    ['an address is not told', 'SYMBOL(kallsyms_names)', undefined, 'KERNEL_LACKS'],
    ['an old kernel tells nothing', 'SYMBOL(kallsyms_num_syms)', undefined, 'KERNEL_LACKS'],
    ['the anchor is elsewhere', 'SYMBOL(_stext)', 'ffffffff81234567', 'KALLSYMS_INVALID'],
    ['the names are behind the tokens', 'SYMBOL(kallsyms_names)', 'ffffffff8f000000', 'KALLSYMS_INVALID'],
    ['nothing is where the names should be', 'SYMBOL(kallsyms_names)', 'ffffffff81f00000', 'CALL_FAULTED'],
    [
      'the base is not what it was taken for',
      'SYMBOL(kallsyms_relative_base)',
      undefined,
      'KALLSYMS_INVALID',
    ],
  ])('it is refused if %s', (_name, key, value, code) => {
    expect(() => openCompressedStore(memory, changed(key, value))).toThrow(expect.objectContaining({ code }));
  });
});

test('a damaged table gives a value or a FarcallError', () => {
  const { pieces, info } = kallsymsImage(someSymbols(OWN), 'absolute-percpu');
  const address = (name: string) => info.symbol(`kallsyms_${name}`)!;
  const damage = fc.record({
    piece: fc.constantFrom('numSyms', 'names', 'tokenTable', 'tokenIndex', 'offsets', 'base'),
    at: fc.nat(),
    byte: fc.nat(255),
  });
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 8 }), damages => {
      const copies = new Map(Object.entries(pieces).map(([key, bytes]) => [key, Uint8Array.from(bytes)]));
      for (const { piece, at, byte } of damages) {
        const bytes = copies.get(piece)!;
        bytes[at % bytes.length] = byte;
      }
      const memory = new FakeMemory()
        .put(address('num_syms'), copies.get('numSyms')!)
        .put(address('names'), copies.get('names')!)
        .put(address('token_table'), copies.get('tokenTable')!)
        .put(address('token_index'), copies.get('tokenIndex')!)
        .put(address('offsets'), copies.get('offsets')!)
        .put(address('relative_base'), copies.get('base')!);
      valueOrError(() => {
        const store = openCompressedStore(memory, info);
        for (const handle of store.find('_printk')) store.symbol(handle);
        store.symbol(300);
        store.scan(1, 40, () => {});
        store.containing(IMAGE_BASE + 0x1234n);
      });
    }),
    { numRuns: 200 },
  );
});
