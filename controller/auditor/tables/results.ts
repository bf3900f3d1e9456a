import type { ResultRows } from '../../result-summary/index.ts';
import { auditDigest, type Schema } from '../../store/index.ts';
import type {
  ReplayedOrder,
  ReplayedRequest,
  ReplayedResult,
  ShownSummary,
  VerifiedHostKey,
} from '../replay/index.ts';
import { parseJson, type ReportFinding, type TableCheck, type VerifyContext } from '../replay/index.ts';
import type { ResultStatement } from '../statements/index.ts';

type Row = Schema['results'];

/**
 * A result: the bytes and the signature are those that the log records, signed by a key that the host had
 * then, and they speak of this host, this request, this attempt, and an order that was made for it.
 */
export const resultsCheck: TableCheck<Row> = {
  keyOf: ({ request_id, host, attempt, late }) => [request_id, host, attempt, late],
  recorded: 'every',
  async check(row, context, report) {
    const recorded = context.replay.get<ReplayedResult>([
      'results',
      row.request_id,
      row.host,
      row.attempt,
      row.late,
    ]);
    if (!recorded) return;
    checkColumns(row, recorded, report);
    const key = signingKeyOf(row, context);
    if (!key) return report('signature', `${row.host} had no such key to sign it by`);
    const verdict = await context.statements.check({
      site: context.trust.site,
      what: 'result',
      host: row.host,
      publicJwk: key.publicJwk,
      bytes: row.result,
      signature: row.signature,
      nowMs: recorded.atMs,
    });
    if (verdict.problem !== undefined) report('signature', verdict.problem);
    if (verdict.result) checkStated(row, verdict.result, { recorded, context, report });
  },
};

/** What a result says of its rows, for the check of what is stored beside it. */
export interface StatedRows {
  readonly digest: string;
}

/** Of the rows of a result, all that is stored beside its bytes. */
export function rowsDigest({ columns, rows, dropped }: ResultRows): string {
  return auditDigest(JSON.stringify([columns, rows, dropped]));
}

/** How long after a host's key has ended something that it signed may still be under way. */
const OLD_KEY_MS = 60_000;

/** The key that the signature of a host's statement names, where the host had it when the statement came. */
export function signingKeyOf(
  { host, signature, received_at_ms: atMs }: Pick<Row, 'host' | 'signature' | 'received_at_ms'>,
  { replay }: Pick<VerifyContext, 'replay'>,
): VerifiedHostKey | undefined {
  const header = parseJson(Buffer.from(signature.split('.')[0] ?? '', 'base64url').toString('utf8'));
  const kid = (header as { kid?: unknown } | undefined)?.kid;
  const key = typeof kid === 'string' ? replay.get<VerifiedHostKey>(['host-key', host, kid]) : undefined;
  const counted = key?.times.some(
    ({ fromMs, toMs }) => fromMs <= atMs && (toMs === null || atMs <= toMs + OLD_KEY_MS),
  );
  return counted ? key : undefined;
}

function checkColumns(row: Row, recorded: ReplayedResult, report: ReportFinding): void {
  if (auditDigest(row.result) !== recorded.result)
    report('digest', 'its bytes are not those that the log records');
  if (Buffer.from(row.digest).toString('hex') !== auditDigest(row.result))
    report('digest', 'its digest is not that of its bytes');
  if (auditDigest(row.signature) !== recorded.signature)
    report('digest', 'its signature is not the one that the log records');
  if (row.received_at_ms !== recorded.atMs)
    report('content', 'the audit log says that it came at another time');
}

interface Against {
  readonly recorded: ReplayedResult;
  readonly context: VerifyContext;
  readonly report: ReportFinding;
}

function checkStated(row: Row, stated: ResultStatement, { recorded, context, report }: Against): void {
  const { replay } = context;
  if (stated.host !== row.host) report('content', `it is a result of ${stated.host}`);
  if (stated.outcome !== recorded.outcome)
    report('content', `it says ${stated.outcome}, and the log ${recorded.outcome}`);
  if (stated.attempt !== row.attempt) report('content', `it is for attempt ${stated.attempt}`);
  if (stated.requestDigest !== replay.get<ReplayedRequest>(['requests', row.request_id])?.digest)
    report('content', 'it is for another request');
  if (row.late === 0) checkShown(row, stated, { recorded, context, report });
  if (row.late === 0 && stated.rows)
    replay.put(['result_rows', row.request_id, row.host, row.attempt], {
      digest: rowsDigest(stated.rows),
    } satisfies StatedRows);
  const order = replay.get<ReplayedOrder>(['orders', stated.orderId]);
  if (order?.requestId !== row.request_id || order.attempt !== row.attempt)
    report('content', `it answers the order ${stated.orderId}, which was not made for it`);
}

function checkShown(row: Row, { summary }: ResultStatement, { context, report }: Against): void {
  const shown = context.replay.get<ShownSummary>(['summary', row.request_id, row.host, row.attempt]);
  if (shown && shown.text !== summary) report('content', 'reports show something other than what it says');
}
