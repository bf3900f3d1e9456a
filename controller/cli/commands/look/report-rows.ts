import { asciiJson } from '../../../../shared/json/index.ts';
import type { RowCounts, RowsQuery } from '../../../../shared/messages/index.ts';
import { grouped, printable } from '../../../views/index.ts';
import type { WriteText } from '../../core/index.ts';
import { csvRecord, renderTable, wrapValue } from '../../output/index.ts';
import type { Session } from '../../session/index.ts';

/** A cell of a row, as a controller sends it. */
type Cell = number | string | null;

/** The rows of all hosts, as they come: the names of the columns first, then rows, and counts at the end. */
interface RowTable {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly Cell[]>;
  /** Known after the last row. */
  counts(): RowCounts | undefined;
}

const LIST_LIMIT_MS = 3_600_000;
/** Rows of a table for people, where nothing else is asked for. */
const ROWS_SHOWN = 40;

async function openRows({ client }: Session, query: RowsQuery): Promise<RowTable> {
  const pages = client.stream('listRows', query, LIST_LIMIT_MS)[Symbol.asyncIterator]();
  const first = await pages.next();
  const columns: readonly string[] = first.done ? [] : first.value.columns;
  let counts: RowCounts | undefined;
  async function* rows(): AsyncGenerator<readonly Cell[]> {
    for (let page = await pages.next(); !page.done; page = await pages.next()) {
      counts = page.value.counts ?? counts;
      yield* JSON.parse(page.value.rows) as Cell[][];
    }
  }
  return { columns, rows: rows(), counts: () => counts };
}

/** The table for people: up to 40 rows, unless the query says how many, and what there is besides. */
export async function rowLines(session: Session, query: RowsQuery, width: number): Promise<string[]> {
  const table = await openRows(session, { ...query, limit: query.limit || ROWS_SHOWN });
  const cells: { readonly text: string }[][] = [];
  for await (const row of table.rows) cells.push(row.map(cell => ({ text: printable(String(cell ?? '')) })));
  const flexible = table.columns.map((_, index) => index).reverse();
  const headers = table.columns.map(column => printable(column));
  const counts = table.counts();
  return [
    ...(cells.length > 0 ? renderTable({ headers, rows: cells, flexible, width }) : []),
    ...(counts ? wrapValue(countsText(counts, cells.length, query), { columns: width, hang: 2 }) : []),
  ];
}

function countsText({ rows, matching, hosts, dropped, others }: RowCounts, shown: number, query: RowsQuery) {
  const of = matching === rows ? '' : ` of ${grouped(rows)}`;
  const parts = [`${grouped(matching)}${of} rows of ${grouped(hosts)} hosts`];
  if (query.groupBy.length > 0)
    parts.push(others > 0 ? `${grouped(others)} more groups` : 'all groups shown');
  else if (shown < matching) parts.push(`${grouped(shown)} shown; --top N shows more, --format csv all`);
  if (dropped > 0) parts.push(`hosts dropped ${grouped(dropped)} more, because their results had no room`);
  return parts.join('; ');
}

/** Writes every row as JSON lines, or as CSV with a header line. */
export async function writeRows(
  session: Session,
  query: RowsQuery,
  { format, write }: { readonly format: 'jsonl' | 'csv'; readonly write: WriteText },
): Promise<void> {
  const { columns, rows } = await openRows(session, query);
  if (format === 'csv') write(csvRecord(columns));
  for await (const row of rows) {
    if (format === 'csv') write(csvRecord(row.map(cell => cell ?? undefined)));
    else
      write(`${asciiJson(Object.fromEntries(columns.map((name, index) => [name, row[index] ?? null])))}\n`);
  }
}

/** Writes one JSON object: the columns, the rows, and how many there are. */
export async function writeRowsJson(session: Session, query: RowsQuery, write: WriteText): Promise<void> {
  const table = await openRows(session, query);
  write(`{"columns":${asciiJson(table.columns)},"rows":[`);
  let comma = '';
  for await (const row of table.rows) {
    write(`${comma}${asciiJson(row)}`);
    comma = ',';
  }
  write(`],"counts":${asciiJson(table.counts() ?? null)}}\n`);
}
