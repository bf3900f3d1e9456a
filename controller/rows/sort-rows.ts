import type { Cell } from '../result-summary/index.ts';
import { compareCells } from './cells.ts';

/** A row of a table that is sorted, with the cell that it is sorted by. */
interface Sorted {
  readonly by: Cell | undefined;
  readonly cells: readonly (Cell | null)[];
}

/** Keeps the rows that come first, of any number of them; memory grows with `limit` alone. */
export class FirstRows {
  readonly #limit: number;
  readonly #sign: number;
  #rows: Sorted[] = [];

  constructor(limit: number, descending: boolean) {
    this.#limit = limit;
    this.#sign = descending ? -1 : 1;
  }

  add(by: Cell | undefined, cells: readonly (Cell | null)[]): void {
    this.#rows.push({ by, cells });
    if (this.#rows.length >= 2 * this.#limit + 1000) this.#cut();
  }

  /** The rows in order. */
  rows(): (readonly (Cell | null)[])[] {
    this.#cut();
    return this.#rows.map(({ cells }) => cells);
  }

  /** Cells that are missing stay last in both orders. */
  #cut(): void {
    const isMissing = ({ by }: Sorted): number => Number(by === undefined);
    this.#rows.sort(
      (one, other) => isMissing(one) - isMissing(other) || this.#sign * compareCells(one.by, other.by),
    );
    this.#rows.length = Math.min(this.#rows.length, this.#limit);
  }
}
