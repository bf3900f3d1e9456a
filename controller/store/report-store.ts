import type { HostReport, ResultEnvelope } from '../../shared/messages/index.ts';
import type { Database } from './database.ts';

/** Where a reader of reports stands: it has seen everything up to this change of this host. */
export interface ReportCursor {
  readonly seq: number;
  readonly host: string;
}

/** The cursor that has seen nothing. */
export const REPORTS_START: ReportCursor = { seq: 0, host: '' };

/** Reports, and the cursor behind them. */
export interface ReportPage {
  readonly reports: readonly HostReport[];
  readonly next: ReportCursor;
}

/** How the expected hosts of a request stand. */
export interface ReportStore {
  /** Up to `limit` hosts that changed after `after`, in the order of their change; an empty page is the end for now. */
  page(requestId: string, after: ReportCursor, limit: number): Promise<ReportPage>;
}

/** The part of the store that reports are read from. */
export function reportStoreOn(database: Database): ReportStore {
  return { page: (requestId, after, limit) => readPage(database, { requestId, after, limit }) };
}

interface PageQuery {
  readonly requestId: string;
  readonly after: ReportCursor;
  readonly limit: number;
}

function readPage(database: Database, { requestId, after, limit }: PageQuery): Promise<ReportPage> {
  return database.read(async db => {
    const hosts = await db
      .selectFrom('expected_hosts')
      .selectAll()
      .where('request_id', '=', requestId)
      .where(({ eb, and, or }) =>
        or([
          eb('changed_seq', '>', after.seq),
          and([eb('changed_seq', '=', after.seq), eb('host', '>', after.host)]),
        ]),
      )
      .orderBy('changed_seq')
      .orderBy('host')
      .limit(limit)
      .execute();
    const last = hosts.at(-1);
    if (!last) return { reports: [], next: after };
    const results = await db
      .selectFrom('results')
      .selectAll()
      .where('request_id', '=', requestId)
      .where(
        'host',
        'in',
        hosts.map(({ host }) => host),
      )
      .orderBy('attempt')
      .execute();
    const envelopes = new Map(results.map(row => [`${row.host} ${row.late}`, envelopeOf(row)]));
    const reports = hosts.map(row => ({
      host: row.host,
      kernelRelease: row.kernel_release,
      arch: row.arch,
      outcome: row.outcome ?? undefined,
      result: envelopes.get(`${row.host} 0`),
      lateResult: envelopes.get(`${row.host} 1`),
      wave: 1,
      attempt: 1,
    }));
    return { reports, next: { seq: last.changed_seq, host: last.host } };
  });
}

function envelopeOf({ result, signature }: { result: Uint8Array; signature: string }): ResultEnvelope {
  return { result, signature };
}
