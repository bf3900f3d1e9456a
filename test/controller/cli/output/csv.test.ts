import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvRecord } from '../../../../controller/cli/output/csv.ts';
import { escapeInvisible } from '../../../../controller/views/index.ts';
import { readCsv } from '../../../kit/receivers/read-csv.ts';

describe('CSV', () => {
  it.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    [' padded ', '" padded "'],
    ['two\nlines', 'two\\u{a}lines'],
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\\u{9}=1"],
    ['＝1', "'＝1"],
    ["'quoted", "''quoted"],
  ])('the CSV cell %j is written as %j', (cell, written) => {
    expect(csvRecord([cell])).toBe(`${written}\r\n`);
  });

  it('numbers are written as they are, and undefined as an empty cell', () => {
    expect(csvRecord([-1, undefined, 2.5, ''])).toBe('-1,,2.5,\r\n');
  });

  it('a CSV reader gets back every table exactly, and no text cell begins a formula', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 4 })),
        table => {
          const read = readCsv(table.map(csvRecord).join(''));
          expect(read.map(row => row.map(cell => cell.replace(/^'/, '')))).toEqual(
            table.map(row => row.map(cell => escapeInvisible(cell))),
          );
          for (const cell of read.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
        },
      ),
    );
  });
});
