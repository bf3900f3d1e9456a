import type { Kysely } from 'kysely';
import type { HostReport, ResultEnvelope } from '../../../shared/messages/index.ts';
import { OUTCOMES, type Outcome } from '../../../shared/outcome/index.ts';
import type { Database } from '../core/index.ts';
import type { ExpectedHostsTable, Schema } from '../schema/index.ts';

/** Position of a reader of reports: it has seen everything up to this change of this host. */
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

/** Status of one expected host, without its result. */
export interface ExpectedHostStatus {
  readonly host: string;
  readonly kernelRelease: string;
  readonly arch: string;
  readonly outcome: Outcome | null;
  readonly wave: number;
  /** As the row has it: `parseResultSummary` says what it is worth. */
  readonly summary: string | null;
}

/** Statuses and results of the expected hosts of a request. */
export interface ReportStore {
  /**
   * Up to `limit` hosts that changed after `after`, in the order of their change; an empty page is the end
   * for now.
   */
  page(requestId: string, after: ReportCursor, limit: number): Promise<ReportPage>;
  /** Up to `limit` hosts whose names come after `afterHost`, by name. */
  statuses(requestId: string, afterHost: string, limit: number): Promise<readonly ExpectedHostStatus[]>;
  /** Those of `hosts` that the request expects, by name, with their results. */
  reportsOf(requestId: string, hosts: readonly string[]): Promise<readonly HostReport[]>;
}

/** The part of the store that reports are read from. */
export function reportStoreOn(database: Database): ReportStore {
  return {
    page: (requestId, after, limit) => readPage(database, { requestId, after, limit }),
    statuses: (requestId, afterHost, limit) =>
      database.read(async db => {
        const rows = await db
          .selectFrom('expected_hosts')
          .selectAll()
          .where('request_id', '=', requestId)
          .where('host', '>', afterHost)
          .orderBy('host')
          .limit(limit)
          .execute();
        return rows.map(
          ({ host, kernel_release: kernelRelease, arch, outcome, result_summary: summary, wave }) => ({
            ...{ host, kernelRelease, arch, outcome, summary, wave },
          }),
        );
      }),
    reportsOf: (requestId, hosts) =>
      database.read(async db => {
        const query = db.selectFrom('expected_hosts').selectAll().where('request_id', '=', requestId);
        return withResults(
          db,
          await query
            .where('host', 'in', [...hosts])
            .orderBy('host')
            .execute(),
        );
      }),
  };
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
    return { reports: await withResults(db, hosts), next: { seq: last.changed_seq, host: last.host } };
  });
}

/** Rows of one request as reports, with what the newest attempt of each host brought. */
async function withResults(
  db: Kysely<Schema>,
  hosts: readonly ExpectedHostsTable[],
): Promise<readonly HostReport[]> {
  const [first] = hosts;
  if (!first) return [];
  const results = await db
    .selectFrom('results')
    .selectAll()
    .where('request_id', '=', first.request_id)
    .where(
      'host',
      'in',
      hosts.map(({ host }) => host),
    )
    .orderBy('attempt')
    .execute();
  const envelopes = new Map(results.map(row => [`${row.host} ${row.late}`, row]));
  return hosts.map(row => {
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
}

/** Whether the host's outcome comes from its own result. */
function saidItself({ outcome }: ExpectedHostsTable): boolean {
  return outcome !== null && OUTCOMES[outcome].saidBy === 'host';
}

function envelopeOf({ result, signature }: { result: Uint8Array; signature: string }): ResultEnvelope {
  return { result, signature };
}
