import { describe, expect, test } from 'vitest';
import { editDistance } from '../../../../agent/compiler/facts/similar-names.ts';
import { LayeredTable, textSymbols } from '../../../../agent/kernel/kallsyms/index.ts';

const NAMES = [
  '_printk',
  '__pfx__printk',
  'vprintk',
  'wake_up_process',
  'wake_up_process.cold',
  'wake_up_processes',
  'copy.constprop.0',
  'copy.isra.0.cold',
  'copy.part.12',
  'copy.llvm.123456789',
  'copy_me',
  'copy.data',
  'copy$1a2b3c',
  '__do_softirq',
];
const text = NAMES.map((name, index) => `ffffffff8100${(0x1000 + 16 * index).toString(16)} t ${name}\n`).join(
  '',
);
const { kernel, modules } = textSymbols(Buffer.from(`${text}ffffffffc0000000 t nfsd_open\t[nfsd]\n`));
const table = new LayeredTable(kernel, () => modules);

test('variants are the clones and fragments that compilers make, and no other names', () => {
  expect(table.variants('copy').map(symbol => symbol.name)).toEqual([
    'copy.constprop.0',
    'copy.isra.0.cold',
    'copy.part.12',
    'copy.llvm.123456789',
    'copy$1a2b3c',
  ]);
  expect(table.variants('nothing')).toEqual([]);
});

describe('the names that are similar to another', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['printk', ['_printk', 'vprintk']],
    ['wakeup_process', ['wake_up_process', 'wake_up_processes']],
    ['do_softirq', ['__do_softirq']],
    ['nfsd_opne', ['nfsd_open']],
    ['zzzzzzzz', []],
    ['', []],
    ['_', []],
    ['x'.repeat(3000), []],
  ];
  test.each(rows)('the names that are similar to another are found for %j', (name, expected) => {
    expect(table.similar(name, 5)).toEqual(expected);
  });

  test('the names that are similar to another are no more than the caller asked for', () => {
    expect(table.similar('printk', 1)).toEqual(['_printk']);
    expect(table.similar('printk', 0)).toEqual([]);
  });
});

test.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', 'abd', 1],
  ['abc', 'ab', 1],
  ['abc', 'xabc', 1],
  ['abcdef', 'badcfe', 4],
  ['abc', 'xyz', 3],
  ['abcd', 'wxyz', 4],
])('the edit distance of %j and %j is %i', (a, b, distance) => {
  expect(editDistance(Buffer.from(a), Buffer.from(b), 3)).toBe(distance);
});
