import { describe, expect, it } from 'vitest';
import { renderTable } from '../../../controller/cli/output/table.ts';
import { cut } from '../../../controller/cli/output/text-width.ts';

const headers = ['HOST', 'VALUE', 'TIME'];
const rows = [
  [{ text: 'demo-1' }, { text: '(long)-22 /* -EINVAL */' }, { text: '12.3 ms' }],
  [{ text: 'demo-10' }, { text: '' }, { text: '' }],
];

describe('a table', () => {
  it('is as wide as what is in it', () => {
    expect(renderTable({ headers, rows, flexible: 1, width: Number.POSITIVE_INFINITY })).toEqual([
      'HOST     VALUE                    TIME',
      'demo-1   (long)-22 /* -EINVAL */  12.3 ms',
      'demo-10',
    ]);
  });

  it('cuts the flexible column first', () => {
    expect(renderTable({ headers, rows, flexible: 1, width: 30 })).toEqual([
      'HOST     VALUE         TIME',
      'demo-1   (long)-22 /…  12.3 ms',
      'demo-10',
    ]);
  });

  it.each([1, 5, 10, 18, 25, 39])('is never wider than %i', width => {
    for (const line of renderTable({ headers, rows, flexible: 1, width }))
      expect([...line].length).toBeLessThanOrEqual(width);
  });

  it('paints the whole cell, without changing its width', () => {
    const paint = (text: string): string => `<${text}>`;
    const painted = [[{ text: 'a', paint }, { text: 'b' }]];
    expect(renderTable({ headers: ['LONG', 'X'], rows: painted, flexible: 0, width: 80 })[1]).toBe(
      '<a   >  b',
    );
  });

  it('cuts between characters', () => {
    expect(cut('手手手手', 3)).toBe('手手…');
    expect(cut('abc', 3)).toBe('abc');
  });
});
