import type { HostReport, ResultEnvelope } from '../../shared/messages/index.ts';
import type { Database } from './database.ts';
import type { ExpectedHostsTable } from './schema.ts';

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
    const envelopes = new Map(results.map(row => [`${row.host} ${row.late}`, row]));
    const reports = hosts.map(row => {
      const own = envelopes.get(`${row.host} 0`);
      const late = envelopes.get(`${row.host} 1`);
      return {
        ...{ host: row.host, kernelRelease: row.kernel_release, arch: row.arch },
        ...{ wave: row.wave, attempt: row.attempt, unhealthy: row.unhealthy ?? undefined },
        outcome: row.outcome ?? undefined,
        // What it said before a retry is not what became of it.
        result: own && saidItself(row) ? envelopeOf(own) : undefined,
        lateResult:
          late && row.outcome !== null && late.attempt >= (own?.attempt ?? 0) ? envelopeOf(late) : undefined,
      };
    });
    return { reports, next: { seq: last.changed_seq, host: last.host } };
  });
}

/** Whether the host's outcome is its own word. */
function saidItself({ outcome }: ExpectedHostsTable): boolean {
  return outcome !== null && outcome !== 'unreachable' && outcome !== 'expired';
}

function envelopeOf({ result, signature }: { result: Uint8Array; signature: string }): ResultEnvelope {
  return { result, signature };
}
