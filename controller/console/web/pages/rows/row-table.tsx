import type { ReactElement } from 'react';
import type { RowsJson } from '../../api/index.ts';
import { visible } from '../../text/index.ts';

type Cell = RowsJson['rows'][number][number];

/** The table. A click on a column's name sorts by it: the largest first, then the least first. */
export function RowTable({
  table,
  sort,
  onSort,
}: {
  readonly table: RowsJson;
  readonly sort: string;
  readonly onSort: (sort: string) => void;
}): ReactElement {
  const { columns, rows } = table;
  const numeric = columns.map((_, index) => rows.some(row => typeof row[index] === 'number'));
  const most = numeric.map((isNumber, index) => (isNumber ? largest(rows, index) : 0));
  return (
    <section className="table-scroll" aria-label="Rows of all hosts">
      <table className="rows">
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th
                key={column}
                scope="col"
                className={numeric[index] ? 'number' : ''}
                aria-sort={directionOf(sort, column)}
              >
                <button type="button" className="sort" onClick={() => onSort(nextSort(sort, column))}>
                  {visible(column)}
                  <span aria-hidden="true">{ARROWS[directionOf(sort, column)]}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name, and are replaced as a whole
            <tr key={at}>
              {row.map((cell, index) => (
                <td key={columns[index]} className={numeric[index] ? 'number' : ''}>
                  <code>{textOf(cell)}</code>
                  {typeof cell === 'number' && <Bar of={cell} most={most[index] ?? 0} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const ARROWS = { ascending: ' ▲', descending: ' ▼', none: '' } as const;

function directionOf(sort: string, column: string): keyof typeof ARROWS {
  if (sort === column) return 'ascending';
  return sort === `-${column}` ? 'descending' : 'none';
}

function nextSort(sort: string, column: string): string {
  return sort === `-${column}` ? column : `-${column}`;
}

/** How large a number is beside the largest of its column, for the eye alone: the number stands before it. */
function Bar({ of, most }: { readonly of: number; readonly most: number }): ReactElement | undefined {
  if (most <= 0 || of < 0) return undefined;
  return <meter className="cell-bar" min={0} max={most} value={of} aria-hidden="true" />;
}

function largest(rows: RowsJson['rows'], index: number): number {
  return rows.reduce((most, row) => Math.max(most, Number(row[index] ?? 0) || 0), 0);
}

function textOf(cell: Cell): string {
  return cell === null ? '' : visible(String(cell));
}
