import { describe, expect, it } from 'vitest';
import { renderTable } from '../../../../controller/cli/output/table.ts';
import { truncate } from '../../../../controller/cli/output/truncate.ts';

const headers = ['HOST', 'VALUE', 'TIME'];
const rows = [
  [{ text: 'demo-1' }, { text: '(long)-22 /* -EINVAL */' }, { text: '12.3 ms' }],
  [{ text: 'demo-10' }, { text: '' }, { text: '' }],
];

describe('a table', () => {
  it('a table is as wide as its content', () => {
    expect(renderTable({ headers, rows, flexible: 1, width: Number.POSITIVE_INFINITY })).toEqual([
      'HOST     VALUE                    TIME',
      'demo-1   (long)-22 /* -EINVAL */  12.3 ms',
      'demo-10',
    ]);
  });

  it('the flexible column is truncated first', () => {
    expect(renderTable({ headers, rows, flexible: 1, width: 30 })).toEqual([
      'HOST     VALUE         TIME',
      'demo-1   (long)-22 /…  12.3 ms',
      'demo-10',
    ]);
  });

  it.each([1, 5, 10, 18, 25, 39])('a table is never wider than %i columns', width => {
    for (const line of renderTable({ headers, rows, flexible: 1, width }))
      expect([...line].length).toBeLessThanOrEqual(width);
  });

  it('a table leaves out the columns that matter least, and says so', () => {
    expect(renderTable({ headers, rows, flexible: 1, droppable: [2, 1], width: 24 })).toEqual([
      'HOST     VALUE',
      'demo-1   (long)-22 /* -…',
      'demo-10',
      'A wider window, or',
      '  --json, also has TIME.',
    ]);
  });

  it('a table without columns to leave out cuts the widest, and shows each of them', () => {
    const lines = renderTable({ headers, rows, flexible: 1, width: 20 });
    expect(lines[0]).toMatch(/^HO\S* +V\S* +T\S*$/);
  });

  it('a colour covers the padded cell and does not change its width', () => {
    const colour = (text: string): string => `<${text}>`;
    const painted = [[{ text: 'a', colour }, { text: 'b' }]];
    expect(renderTable({ headers: ['LONG', 'X'], rows: painted, flexible: 0, width: 80 })[1]).toBe(
      '<a   >  b',
    );
  });

  it('text is truncated between characters', () => {
    expect(truncate('手手手手', 5)).toBe('手手…');
    expect(truncate('手手手手', 6)).toBe('手手…');
    expect(truncate('e\u0301e\u0301e\u0301', 2)).toBe('e\u0301…');
    expect(truncate('abc', 3)).toBe('abc');
    expect(truncate('abc', 0)).toBe('');
  });

  it('columns are aligned, however wide the characters are', () => {
    const wide = [
      [{ text: '手手' }, { text: 'a' }],
      [{ text: 'e\u0301' }, { text: 'b' }],
      [{ text: '🚀x' }, { text: 'c' }],
    ];
    expect(renderTable({ headers: ['ONE', 'TWO'], rows: wide, flexible: 0, width: 80 })).toEqual([
      'ONE   TWO',
      '手手  a',
      'e\u0301     b',
      '🚀x   c',
    ]);
  });

  it('several flexible columns are truncated one after the other', () => {
    const long = [[{ text: 'x'.repeat(20) }, { text: 'y'.repeat(20) }, { text: 'z' }]];
    const lines = (width: number) =>
      renderTable({ headers: ['A', 'B', 'C'], rows: long, flexible: [1, 0], width });
    expect(lines(40)[1]).toBe(`${'x'.repeat(20)}  ${'y'.repeat(14)}…  z`);
    expect(lines(30)[1]).toBe(`${'x'.repeat(13)}…  ${'y'.repeat(10)}…  z`);
  });
});
