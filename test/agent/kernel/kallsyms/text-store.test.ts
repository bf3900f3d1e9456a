import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LayeredTable, textSymbols } from '../../../../agent/kernel/kallsyms/index.ts';
import { valueOrError } from '../help/value-or-error.ts';

const TEXT = `\
0000000000000000 A fixed_percpu_data
0000000000001000 A cpu_debug_store
ffffffff81000000 T _stext
ffffffff81000000 T _text
ffffffff81000100 T _printk
ffffffff81000200 t setup
ffffffff81000300 t setup
ffffffff81000400 t setup.cold
ffffffff81000500 B _end
ffffffffc0201000 t nfsd_svc\t[nfsd]
ffffffffc0200000 t nfsd_open\t[nfsd]
ffffffffc0300000 t setup_more\t[other]
ffffffffc0400000 t bpf_prog_6deef7357e7b4530\t[bpf]
`;

function table(text = TEXT): LayeredTable {
  const { kernel, modules } = textSymbols(Buffer.from(text));
  return new LayeredTable(kernel, () => modules);
}

describe('a look-up in a text table', () => {
  test('a look-up in a text table gives everything of a line', () => {
    expect(table().lookup('_printk')).toEqual([
      { name: '_printk', address: 0xffff_ffff_8100_0100n, type: 'T', module: undefined },
    ]);
  });

  test('a look-up in a text table gives all of one name, in order', () => {
    expect(
      table()
        .lookup('setup')
        .map(symbol => symbol.address & 0xfffn),
    ).toEqual([0x200n, 0x300n]);
  });

  test('a look-up in a text table finds the symbols of modules with their module', () => {
    expect(table().lookup('nfsd_open')).toEqual([
      { name: 'nfsd_open', address: 0xffff_ffff_c020_0000n, type: 't', module: 'nfsd' },
    ]);
  });

  test('a look-up in a text table finds the first line and symbols at zero', () => {
    expect(table().lookup('fixed_percpu_data')[0]!.address).toBe(0n);
  });

  test.each(['', 'print', '_prin', 'printk', 'T _printk', 'setup\n', '_printk\t[nfsd]', 'x'.repeat(5000)])(
    'a look-up in a text table gives nothing for %j',
    name => {
      expect(table().lookup(name)).toEqual([]);
    },
  );

  test('a look-up in a text table leaves out what is no module, though it is listed like one', () => {
    expect(table().lookup('bpf_prog_6deef7357e7b4530')).toEqual([]);
    expect(table().containing(0xffff_ffff_c040_0000n)).toBeUndefined();
  });
});

describe('the symbol that contains an address', () => {
  const rows: readonly (readonly [string, bigint, string | undefined, bigint])[] = [
    ['the start', 0xffff_ffff_8100_0100n, '_printk', 0n],
    ['the middle', 0xffff_ffff_8100_01ffn, '_printk', 0xffn],
    ['an address of two names gives the first', 0xffff_ffff_8100_0004n, '_stext', 4n],
    ['a signed address', -0x7effff00n, '_printk', 0n],
    ['the last symbol holds its address only', 0xffff_ffff_8100_0500n, '_end', 0n],
    ['behind the last symbol', 0xffff_ffff_8100_0501n, undefined, 0n],
    ['far from any symbol', 0x1_0000_0000n, undefined, 0n],
    ['a module, whose lines are not sorted', 0xffff_ffff_c020_0010n, 'nfsd_open', 0x10n],
    ['just behind the start of a last symbol of a module', 0xffff_ffff_c020_1010n, 'nfsd_svc', 0x10n],
    ['far behind it', 0xffff_ffff_c020_9000n, undefined, 0n],
  ];
  test.each(rows)(
    'the symbol that contains an address is found for an address: %s',
    (_name, address, name, offset) => {
      const found = table().containing(address);
      expect(found?.symbol.name).toBe(name);
      if (name !== undefined) expect(found?.offset).toBe(offset);
    },
  );
});

describe('a symbol text that cannot be used', () => {
  test.each([
    ['nothing', '', 'KALLSYMS_INVALID'],
    ['a cut line', 'ffffffff81000000 T _stext', 'KALLSYMS_INVALID'],
    ['words', 'hello world\n', 'KALLSYMS_INVALID'],
    ['modules only', 'ffffffffc0201000 t nfsd_svc\t[nfsd]\n', 'KALLSYMS_INVALID'],
    ['hidden addresses', '0000000000000000 T _stext\n0000000000000000 B _end\n', 'PERMISSION'],
  ])('a symbol text that cannot be used is refused if it holds %s', (_name, text, code) => {
    expect(() => table(text)).toThrow(expect.objectContaining({ code }));
  });

  test('a symbol text that cannot be used has hidden addresses: the error says which right is missing', () => {
    expect(() => table('0000000000000000 T _stext\n')).toThrow(/CAP_SYSLOG.*kptr_restrict/);
  });
});

test('any text of symbols gives values or a FarcallError', () => {
  const line = fc.constantFrom(...TEXT.split('\n'), 'bad', '', '\t[x]', 'ffffffff81000000 T\t', ' _printk');
  const text = fc.oneof(
    fc.array(line).map(lines => `${lines.join('\n')}\n`),
    fc.string(),
  );
  fc.assert(
    fc.property(text, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (source, address) => {
      valueOrError(() => table(source).lookup('_printk'));
      valueOrError(() => table(source).lookup('nfsd_svc'));
      valueOrError(() => table(source).variants('setup'));
      valueOrError(() => table(source).similar('printk', 3));
      valueOrError(() => table(source).containing(address));
    }),
  );
});
