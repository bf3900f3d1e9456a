import { OUTCOMES, type Outcome } from '../../../shared/outcome/index.ts';
import type { Database } from '../core/index.ts';

/** The rows of the newest result of a host, as `resultRowsOf` makes them. */
export interface StoredRows {
  readonly host: string;
  readonly kernelRelease: string;
  readonly arch: string;
  readonly wave: number;
  readonly columns: string;
  readonly rows: string;
  readonly dropped: number;
}

/** The rows that hosts of a request reported. */
export interface RowStore {
  /** The different lists of lists of columns of the request, as JSON. */
  columnsOf(requestId: string): Promise<readonly string[]>;
  /** Rows of up to `limit` hosts whose names come after `afterHost`, by name. */
  page(requestId: string, afterHost: string, limit: number): Promise<readonly StoredRows[]>;
}

/** Outcomes that hosts state themselves: of others, there is a result of an earlier attempt at most. */
const STATED = (Object.keys(OUTCOMES) as Outcome[]).filter(outcome => OUTCOMES[outcome].saidBy === 'host');

/** The part of the store that questions about rows are answered from. */
export function rowStoreOn(database: Database): RowStore {
  return {
    columnsOf: requestId =>
      database.read(async db => {
        const query = db.selectFrom('result_rows').select('columns').distinct();
        const found = await query.where('request_id', '=', requestId).execute();
        return found.map(({ columns }) => columns);
      }),
    page: (requestId, afterHost, limit) =>
      database.read(async db => {
        const found = await db
          .selectFrom('result_rows as r')
          .innerJoin('expected_hosts as e', join =>
            join.onRef('e.request_id', '=', 'r.request_id').onRef('e.host', '=', 'r.host'),
          )
          .select(['r.host', 'r.columns', 'r.rows', 'r.dropped'])
          .select(['e.kernel_release', 'e.arch', 'e.wave'])
          .where('r.request_id', '=', requestId)
          .where('r.host', '>', afterHost)
          .where('e.outcome', 'in', STATED)
          // What a host said before a retry is not what became of it, also if it has no rows now.
          .where('r.attempt', '=', newest =>
            newest
              .selectFrom('results as n')
              .select(({ fn }) => fn.max('n.attempt').as('attempt'))
              .whereRef('n.request_id', '=', 'r.request_id')
              .whereRef('n.host', '=', 'r.host')
              .where('n.late', '=', 0),
          )
          .orderBy('r.host')
          .limit(limit)
          .execute();
        return found.map(({ kernel_release: kernelRelease, ...row }) => ({ kernelRelease, ...row }));
      }),
  };
}
