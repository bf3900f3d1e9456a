import { type ReactElement, useRef, useState } from 'react';
import { type RowsJson, urlOf, useApi } from '../../api/index.ts';
import { count, hosts } from '../../text/index.ts';
import { Empty, ErrorNotice, Loading } from '../../ui/index.ts';
import { RowSearch } from './row-search.tsx';
import { RowTable } from './row-table.tsx';

/** Which rows are shown, and how. */
export interface RowView {
  readonly where: string;
  /** A column, behind `-` for the largest first; empty for the order of hosts. */
  readonly sort: string;
  /** A column; empty for no groups. */
  readonly groupBy: string;
  /** The column that is measured in groups; empty for none. */
  readonly of: string;
}

const EVERYTHING: RowView = { where: '', sort: '', groupBy: '', of: '' };

/** Rows in one reply of the controller. */
const ROWS_SHOWN = 500;

/** The rows that the hosts of a request reported, as one table. */
export function Rows({ id }: { readonly id: string }): ReactElement {
  const [view, setView] = useState<RowView>(EVERYTHING);
  const { where, sort, groupBy, of } = view;
  const query = { where, sort, groupBy: groupBy || undefined, of, limit: ROWS_SHOWN };
  const { data: table, error } = useApi(urlOf('requests/:id/rows', { id }, query), 'requests');
  // While another table is loading, or was refused, one may still choose.
  const known = useRef<readonly string[]>([]);
  if (table) known.current = table.reported;
  const columns = known.current;
  return (
    <section className="panel" aria-labelledby="rows">
      <div className="panel-head">
        <h2 id="rows">Rows</h2>
        <small role="status">{table && countsText(table, groupBy !== '')}</small>
      </div>
      <RowSearch {...{ columns, view }} onChange={setView} />
      {error && <ErrorNotice error={error} />}
      {!table && !error && <Loading what="rows" />}
      {table?.rows.length === 0 && <Empty title="No host reported such a row" />}
      {table && table.rows.length > 0 && (
        <RowTable {...{ table, sort }} onSort={next => setView({ ...view, sort: next })} />
      )}
      <p className="muted small-text">
        Every row, as CSV: <code>farcall report {id} --rows --format csv --output rows.csv</code>
      </p>
    </section>
  );
}

function countsText({ rows, counts }: RowsJson, isGrouped: boolean): string {
  const of = counts.matching === counts.rows ? '' : ` of ${count(counts.rows)}`;
  const parts = [`${count(counts.matching)}${of} rows of ${hosts(counts.hosts)}`];
  if (isGrouped && counts.others > 0) parts.push(`${count(counts.others)} more groups`);
  if (!isGrouped && rows.length < counts.matching) parts.push(`the first ${count(rows.length)} shown`);
  if (counts.dropped > 0) parts.push(`${count(counts.dropped)} more found no room`);
  return parts.join('; ');
}
