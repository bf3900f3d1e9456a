import { setImmediate } from 'node:timers/promises';
import { FarcallError } from '../../shared/errors/index.ts';
import {
  type RowsPage,
  type RowsQuery,
  SORTED_ROWS_LIMIT as SORTED_LIMIT,
} from '../../shared/messages/index.ts';
import type { Cell } from '../result-summary/index.ts';
import type { RequestStore, RowStore } from '../store/index.ts';
import { RowGroups } from './group-rows.ts';
import { parseWhere } from './parse-where.ts';
import { Columns, HostReader, type HostRow } from './read-host.ts';
import { rowFilter } from './row-filter.ts';
import { FirstRows } from './sort-rows.ts';

/** The stores that questions about rows read. */
export interface RowsDeps {
  readonly requests: Pick<RequestStore, 'get'>;
  readonly rows: RowStore;
}

/** How many hosts are read at a time, and after how many of them the event loop goes on. */
const PAGE_HOSTS = 256;
const TURN_HOSTS = 32;
/** How many rows, and about how many characters, one message has. */
const PAGE_ROWS = 500;
const PAGE_CHARS = 256 << 10;

type Row = readonly (Cell | null)[];

/**
 * The rows of all hosts of a request as one table: filtered, sorted, grouped, or all of them by host.
 * The first page has the columns, and the last one the counts. Throws NOT_FOUND for a request or a column
 * that does not exist, and CONFIG_INVALID for conditions that are none.
 */
export async function* listRows(
  deps: RowsDeps,
  query: RowsQuery & { readonly signal: AbortSignal },
): AsyncGenerator<RowsPage> {
  await deps.requests.get(query.id);
  const columns = new Columns(await deps.rows.columnsOf(query.id), query.writes);
  const counts = { rows: 0, matching: 0, hosts: 0, dropped: 0, others: 0 };
  const matching = matchingRows(deps.rows, { query, columns, counts });
  const table = query.groupBy.length > 0 ? groupTable : query.sort === '' ? plainTable : sortedTable;
  const { names, rows } = table({ query, columns, matching, counts });
  yield { columns: [...names], reported: [...columns.reported], rows: '[]' };
  for await (const page of pagesOf(rows)) yield { columns: [], reported: [], rows: page };
  yield { columns: [], reported: [], rows: '[]', counts };
}

interface Reading {
  readonly query: RowsQuery & { readonly signal: AbortSignal };
  readonly columns: Columns;
  readonly counts: { rows: number; matching: number; hosts: number; dropped: number; others: number };
}

interface Table {
  readonly names: readonly string[];
  readonly rows: AsyncIterable<Row>;
}

type MakeTable = (reading: Reading & { readonly matching: AsyncIterable<readonly HostRow[]> }) => Table;

/** The rows that meet the conditions, in lists of one host each. */
async function* matchingRows(
  store: RowStore,
  { query, columns, counts }: Reading,
): AsyncGenerator<readonly HostRow[]> {
  const isWanted = rowFilter(parseWhere(query.where), columns);
  const reader = new HostReader();
  for (let after = ''; !query.signal.aborted; ) {
    const page = await store.page(query.id, after, PAGE_HOSTS);
    for (const [index, host] of page.entries()) {
      if (index % TURN_HOSTS === 0) await setImmediate();
      const rows = [...reader.rows(host, query.writes)];
      const wanted = rows.filter(isWanted);
      counts.rows += rows.length;
      counts.matching += wanted.length;
      counts.hosts += Number(wanted.length > 0);
      counts.dropped += host.dropped;
      yield wanted;
    }
    const last = page.at(-1);
    if (!last) return;
    after = last.host;
  }
}

/** All rows host by host, each behind its host's name. */
const plainTable: MakeTable = ({ query, columns, matching }) => {
  const { names, cellsOf } = rowTable(columns);
  async function* rows(): AsyncGenerator<Row> {
    let left = query.limit || Number.POSITIVE_INFINITY;
    for await (const some of matching) for (const row of some) if (left-- > 0) yield cellsOf(row);
  }
  return { names, rows: rows() };
};

/** The rows that come first by a column. */
const sortedTable: MakeTable = ({ query, columns, matching }) => {
  const { names, cellsOf } = rowTable(columns);
  const { name, descending } = sortKey(query.sort);
  const by = columns.reader(name);
  async function* rows(): AsyncGenerator<Row> {
    const first = new FirstRows(query.limit || SORTED_LIMIT, descending);
    for await (const some of matching) for (const row of some) first.add(by(row), cellsOf(row));
    yield* first.rows();
  }
  return { names, rows: rows() };
};

/** Groups of rows, those with most rows first where nothing else is asked for. */
const groupTable: MakeTable = ({ query, columns, matching, counts }) => {
  const keyOf = (name: string) => ({ name, read: columns.reader(name) });
  const of = query.of === '' ? undefined : keyOf(query.of);
  const groups = new RowGroups({ keys: query.groupBy.map(keyOf), of });
  const { name, descending } = sortKey(query.sort || '-rows');
  const at = groups.columns.indexOf(name);
  if (at < 0)
    throw new FarcallError(
      'NOT_FOUND',
      `groups cannot be sorted by '${name}'; they have ${groups.columns.join(', ')}`,
    );
  async function* rows(): AsyncGenerator<Row> {
    for await (const some of matching) for (const row of some) groups.add(row);
    const first = new FirstRows(query.limit || SORTED_LIMIT, descending);
    let all = 0;
    for (const row of groups.rows()) {
      first.add(row[at] ?? undefined, row);
      all += 1;
    }
    const shown = first.rows();
    counts.others = all - shown.length + Number(groups.otherRows > 0);
    yield* shown;
  }
  return { names: groups.columns, rows: rows() };
};

function sortKey(sort: string): { readonly name: string; readonly descending: boolean } {
  const descending = sort.startsWith('-');
  return { name: descending ? sort.slice(1) : sort, descending };
}

/** The table that has every column which any host reported. */
function rowTable({ reported }: Columns) {
  const places = new Map<readonly string[], readonly number[]>();
  const placesOf = (names: readonly string[]): readonly number[] => {
    const known = places.get(names) ?? reported.map(column => names.indexOf(column) + 1);
    places.set(names, known);
    return known;
  };
  const cellsOf = ({ host, names, cells }: HostRow): Row => [
    host.host,
    ...placesOf(names).map(place => (place === 0 ? null : (cells[place] ?? null))),
  ];
  return { names: ['host', ...reported], cellsOf };
}

/** Rows as JSON, some hundred at a time. */
async function* pagesOf(rows: AsyncIterable<Row>): AsyncGenerator<string> {
  let page: string[] = [];
  let chars = 0;
  for await (const row of rows) {
    const text = JSON.stringify(row);
    page.push(text);
    chars += text.length;
    if (page.length < PAGE_ROWS && chars < PAGE_CHARS) continue;
    yield `[${page.join(',')}]`;
    page = [];
    chars = 0;
  }
  if (page.length > 0) yield `[${page.join(',')}]`;
}
