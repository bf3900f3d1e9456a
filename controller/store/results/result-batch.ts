import type { Change } from '../core/index.ts';
import { touchHosts } from '../hosts/index.ts';
import { updateExpectedHosts } from '../progress/index.ts';
import type { ExpectedHostsTable, ResultRowsTable, ResultsTable } from '../schema/index.ts';
import type { NewResult } from './outcome-store.ts';

/** The row of a stored result, without its bytes. */
export type KeptResult = Pick<ResultsTable, 'request_id' | 'host' | 'attempt' | 'digest' | 'late'>;

/**
 * The rows that a group of results is about: read together before the first, written together after the last.
 * One by one each would cost as many round trips to the database as a group does.
 */
export interface ResultBatch {
  /** The row of the host that the result is about; undefined if the request does not expect it. */
  expected(result: NewResult): ExpectedHostsTable | undefined;
  /** The results of this host and this attempt that are stored already. */
  kept(result: NewResult): readonly KeptResult[];
  /** Keeps a result, and remembers that its host was heard of. */
  keep(result: NewResult, late: 0 | 1): void;
  /** Changes the row of a host. */
  change(row: ExpectedHostsTable, changes: Partial<ExpectedHostsTable>): void;
  /** Writes everything down. Nothing else in the transaction sees it before. */
  flush(): Promise<void>;
}

/** The rows of `results`, as they are now. */
export async function resultBatch(change: Change, results: readonly NewResult[]): Promise<ResultBatch> {
  const { expected, kept } = await readRows(change, results);
  const added: ResultsTable[] = [];
  const addedRows: ResultRowsTable[] = [];
  const changed = new Set<ExpectedHostsTable>();
  const keptOf = (result: NewResult): KeptResult[] => {
    const key = keyOf(result.requestId, result.host, result.attempt);
    const rows = kept.get(key) ?? [];
    kept.set(key, rows);
    return rows;
  };
  return {
    expected: ({ requestId, host }) => expected.get(keyOf(requestId, host)),
    kept: keptOf,
    keep(result, late) {
      const row = rowOf(result, late, change.nowMs);
      added.push(row);
      const { rows } = result;
      const { request_id, host, attempt } = row;
      if (rows && late === 0) addedRows.push({ request_id, host, attempt, ...rows });
      keptOf(result).push(row);
    },
    change(row, changes) {
      Object.assign(row, changes);
      changed.add(row);
    },
    flush: () => write(change, { added, addedRows, changed: [...changed] }),
  };
}

async function readRows({ trx }: Change, results: readonly NewResult[]) {
  const expected = new Map<string, ExpectedHostsTable>();
  const kept = new Map<string, KeptResult[]>();
  for (const requestId of new Set(results.map(result => result.requestId))) {
    const hosts = results.filter(result => result.requestId === requestId).map(({ host }) => host);
    const rows = trx.selectFrom('expected_hosts').selectAll();
    for (const row of await rows.where('request_id', '=', requestId).where('host', 'in', hosts).execute())
      expected.set(keyOf(requestId, row.host), row);
    const known = trx.selectFrom('results').select(['request_id', 'host', 'attempt', 'digest', 'late']);
    for (const row of await known.where('request_id', '=', requestId).where('host', 'in', hosts).execute()) {
      const key = keyOf(requestId, row.host, row.attempt);
      kept.set(key, [...(kept.get(key) ?? []), row]);
    }
  }
  return { expected, kept };
}

interface Written {
  readonly added: readonly ResultsTable[];
  readonly addedRows: readonly ResultRowsTable[];
  readonly changed: readonly ExpectedHostsTable[];
}

async function write(change: Change, { added, addedRows, changed }: Written): Promise<void> {
  const { trx, nowMs } = change;
  if (added.length > 0) {
    await touchHosts(change, [...new Set(added.map(({ host }) => host))], nowMs);
    await trx.insertInto('results').values(added).execute();
  }
  if (addedRows.length > 0) await trx.insertInto('result_rows').values(addedRows).execute();
  await updateExpectedHosts({ trx }, changed);
}

function rowOf(result: NewResult, late: 0 | 1, nowMs: number): ResultsTable {
  return {
    request_id: result.requestId,
    host: result.host,
    attempt: result.attempt,
    late,
    digest: result.digest,
    result: result.result,
    signature: result.signature,
    received_at_ms: nowMs,
  };
}

function keyOf(...parts: readonly (string | number)[]): string {
  return JSON.stringify(parts);
}
