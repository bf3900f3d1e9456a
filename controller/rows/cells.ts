import type { Cell } from '../result-summary/index.ts';

/** The number that a cell is: of an enumerator its value, of an address its bits; NaN for any other text. */
export function numberOf(cell: Cell | undefined): number {
  if (typeof cell === 'number') return cell;
  if (cell === undefined || !/^(-?\d+|0x[0-9a-f]+|.*\/\* -?\d+ \*\/)$/.test(cell)) return Number.NaN;
  return Number(/\/\* (-?\d+) \*\/$/.exec(cell)?.[1] ?? cell);
}

/** Which of two cells comes first: numbers before texts, and cells that are missing last. */
export function compareCells(one: Cell | undefined, other: Cell | undefined): number {
  if (one === undefined || other === undefined)
    return Number(one === undefined) - Number(other === undefined);
  const [a, b] = [numberOf(one), numberOf(other)];
  if (Number.isNaN(a) || Number.isNaN(b)) {
    if (Number.isNaN(a) !== Number.isNaN(b)) return Number.isNaN(a) ? 1 : -1;
    return one === other ? 0 : one < other ? -1 : 1;
  }
  return a - b;
}
