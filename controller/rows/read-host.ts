import { FarcallError } from '../../shared/errors/index.ts';
import { type Cell, WRITE_COLUMNS } from '../result-summary/index.ts';
import type { StoredRows } from '../store/index.ts';

/** One row: the host that reported it, the names of its columns, and its cells. */
export interface HostRow {
  readonly host: StoredRows;
  readonly names: readonly string[];
  /** The cell of column n is at n + 1. */
  readonly cells: readonly Cell[];
}

/** Columns that every row has besides those that it reported. */
const HOST_COLUMNS: Readonly<Record<string, (host: StoredRows) => Cell>> = {
  host: ({ host }) => host,
  kernel: ({ kernelRelease }) => kernelRelease,
  arch: ({ arch }) => arch,
  wave: ({ wave }) => wave,
};

/** Reads the cell of one column in a row; undefined where the row has no such column. */
export type CellReader = (row: HostRow) => Cell | undefined;

/** The rows of a host. Lists of names that are equal are one list, by which readers remember columns. */
export class HostReader {
  readonly #lists = new Map<string, readonly (readonly string[])[]>();

  /** The rows that the program of `host` reported, or instead of them its writes. */
  *rows(host: StoredRows, writes: boolean): Generator<HostRow> {
    const lists = this.#listsOf(host.columns);
    for (const cells of JSON.parse(host.rows) as Cell[][]) {
      const names = cells[0] === -1 ? WRITE_COLUMNS : lists[cells[0] as number];
      if (names && (cells[0] === -1) === writes) yield { host, names, cells };
    }
  }

  #listsOf(columns: string): readonly (readonly string[])[] {
    const known = this.#lists.get(columns) ?? (JSON.parse(columns) as string[][]);
    this.#lists.set(columns, known);
    return known;
  }
}

/**
 * Finds the columns that people name. A column goes by its whole name, or by its last word where no other
 * column of the row ends with that: `comm` finds `t->comm`.
 */
export class Columns {
  /** Those that hosts reported, each once, in the order in which they first came. */
  readonly reported: readonly string[];

  /** Of the lists that a request has, or of `WRITE_COLUMNS`. */
  constructor(lists: readonly string[], writes: boolean) {
    const all = writes ? WRITE_COLUMNS : lists.flatMap(list => (JSON.parse(list) as string[][]).flat());
    this.reported = [...new Set(all)];
  }

  /** A reader of the column `name`. Throws NOT_FOUND with the columns that there are. */
  reader(name: string): CellReader {
    const ofHost = HOST_COLUMNS[name];
    if (!this.reported.some(column => goesBy(column, name)) && !ofHost)
      throw new FarcallError('NOT_FOUND', `no row has a column '${name}'; ${this.#listed()}`);
    const known = new Map<readonly string[], number>();
    return row => {
      let index = known.get(row.names);
      if (index === undefined) {
        index = indexOf(row.names, name);
        known.set(row.names, index);
      }
      return index === 0 ? ofHost?.(row.host) : row.cells[index];
    };
  }

  #listed(): string {
    const names = [...this.reported, ...Object.keys(HOST_COLUMNS)];
    return `there are ${names.map(each => (/^\w+$/.test(each) ? each : `"${each}"`)).join(', ')}`;
  }
}

/** Where in the cells of a row the column is; 0 if the row has none of this name, or several. */
function indexOf(names: readonly string[], name: string): number {
  const exact = names.indexOf(name);
  if (exact >= 0) return exact + 1;
  const fitting = names.flatMap((each, index) => (goesBy(each, name) ? [index + 1] : []));
  return fitting.length === 1 ? fitting[0]! : 0;
}

function goesBy(column: string, name: string): boolean {
  return column === name || (/^\w+$/.test(name) && /\w+$/.exec(column)?.[0] === name);
}
