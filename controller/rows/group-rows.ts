import type { Cell } from '../result-summary/index.ts';
import { numberOf } from './cells.ts';
import type { CellReader, HostRow } from './read-host.ts';

/** Most groups that are kept apart. The rows of all others are counted together: memory is bounded. */
const GROUPS_KEPT = 20_000;

/** The columns of a table of groups behind its keys; those of `of` only where a column is measured. */
const COUNTS = ['rows', 'hosts'] as const;
const MEASURES = ['sum', 'min', 'median', 'p99', 'max'] as const;

/** By what rows are grouped, and which column is measured in each group. */
export interface Grouping {
  readonly keys: readonly { readonly name: string; readonly read: CellReader }[];
  readonly of: { readonly name: string; readonly read: CellReader } | undefined;
}

interface Group {
  readonly keys: readonly (Cell | null)[];
  rows: number;
  hosts: number;
  lastHost: string;
  readonly numbers: number[];
}

/** Counts rows in groups. Rows come host by host. */
export class RowGroups {
  readonly #grouping: Grouping;
  readonly #groups = new Map<string, Group>();
  /** Rows that belong to groups beyond the limit. */
  otherRows = 0;

  constructor(grouping: Grouping) {
    this.#grouping = grouping;
  }

  get columns(): readonly string[] {
    const { keys, of } = this.#grouping;
    const measures = of ? MEASURES.map(measure => `${measure}(${of.name})`) : [];
    return [...keys.map(({ name }) => name), ...COUNTS, ...measures];
  }

  add(row: HostRow): void {
    const keys = this.#grouping.keys.map(({ read }) => read(row) ?? null);
    const name = JSON.stringify(keys);
    const group = this.#groups.get(name) ?? this.#open(name, keys);
    if (!group) {
      this.otherRows += 1;
      return;
    }
    group.rows += 1;
    if (group.lastHost !== row.host.host) {
      group.hosts += 1;
      group.lastHost = row.host.host;
    }
    const number = this.#grouping.of ? numberOf(this.#grouping.of.read(row)) : Number.NaN;
    if (!Number.isNaN(number)) group.numbers.push(number);
  }

  /** The rows of the table, in no order. */
  *rows(): Generator<(Cell | null)[]> {
    for (const { keys, rows, hosts, numbers } of this.#groups.values())
      yield [...keys, rows, hosts, ...(this.#grouping.of ? measured(numbers) : [])];
  }

  #open(name: string, keys: readonly (Cell | null)[]): Group | undefined {
    if (this.#groups.size === GROUPS_KEPT) return undefined;
    const group = { keys, rows: 0, hosts: 0, lastHost: '', numbers: [] };
    this.#groups.set(name, group);
    return group;
  }
}

/** Sum, least, median, 99th percentile and most (nearest rank); nulls where no cell was a number. */
function measured(numbers: readonly number[]): (number | null)[] {
  if (numbers.length === 0) return MEASURES.map(() => null);
  const sorted = Float64Array.from(numbers).sort();
  const rank = (part: number): number => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!;
  const sum = sorted.reduce((total, number) => total + number, 0);
  return [sum, sorted[0]!, rank(0.5), rank(0.99), sorted.at(-1)!];
}
