import { globMatches } from '../../shared/glob/index.ts';
import type { Cell } from '../result-summary/index.ts';
import { numberOf } from './cells.ts';
import type { Condition } from './parse-where.ts';
import type { Columns, HostRow } from './read-host.ts';

/** Whether a row meets conditions. */
export type RowFilter = (row: HostRow) => boolean;

/** A filter that lets rows through which meet every condition. Throws NOT_FOUND for an unknown column. */
export function rowFilter(conditions: readonly Condition[], columns: Columns): RowFilter {
  const tests = conditions.map(({ column, comparison, value }) => {
    const read = columns.reader(column);
    const meets = testOf(comparison, value);
    return (row: HostRow): boolean => {
      const cell = read(row);
      return cell !== undefined && meets(cell);
    };
  });
  return row => tests.every(test => test(row));
}

function testOf(comparison: Condition['comparison'], value: string): (cell: Cell) => boolean {
  const number = Number(value);
  switch (comparison) {
    case '=':
      return cell => isLike(cell, value);
    case '!=':
      return cell => !isLike(cell, value);
    case '>':
      return cell => numberOf(cell) > number;
    case '>=':
      return cell => numberOf(cell) >= number;
    case '<':
      return cell => numberOf(cell) < number;
    case '<=':
      return cell => numberOf(cell) <= number;
  }
}

/** By the whole text, by the name of an enumerator alone, or by the number. */
function isLike(cell: Cell, pattern: string): boolean {
  const text = String(cell);
  if (text === pattern || globMatches(pattern, text)) return true;
  const name = /^(\w+) \/\* -?\d+ \*\/$/.exec(text)?.[1];
  if (name !== undefined && globMatches(pattern, name)) return true;
  return /^(-?\d+|0x[0-9a-fA-F]+)$/.test(pattern) && numberOf(cell) === Number(pattern);
}
