import { auditDigest, type Schema } from '../../store/index.ts';
import {
  isLogged,
  type ReplayedAbortStatement,
  type ReplayedRequest,
  type ReportFinding,
  type TableCheck,
  type VerifyContext,
} from '../replay/index.ts';
import { signingKeyOf } from './results.ts';

type Row = Schema['abort_statements'];

/**
 * A host's statement that it obeys an abort: bytes and signature are those that the log records, signed by a
 * key that the host had then, and they speak of this host, this request, and this progress.
 */
export const abortStatementsCheck: TableCheck<Row> = {
  keyOf: ({ request_id, host }) => [request_id, host],
  recorded: 'every',
  async check(row, context, report) {
    const key = ['abort_statements', row.request_id, row.host] as const;
    const recorded = context.replay.get<ReplayedAbortStatement>(key);
    if (!recorded) return;
    if (auditDigest(row.statement) !== recorded.statement)
      report('digest', 'its bytes are not those that the log records');
    isLogged('its signature', row.signature, recorded.signature, report);
    if (row.received_at_ms !== recorded.atMs)
      report('content', 'the audit log says that it came at another time');
    if (row.progress !== recorded.progress)
      report('content', `it says ${row.progress}, and the log ${recorded.progress}`);
    await checkStated(row, recorded, context, report);
  },
};

async function checkStated(
  row: Row,
  { atMs, progress }: ReplayedAbortStatement,
  context: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  const key = signingKeyOf(row, context);
  if (!key) return report('signature', `${row.host} had no such key to sign it by`);
  const { problem, abort } = await context.statements.check({
    ...{ site: context.trust.site, what: 'abort', host: row.host, publicJwk: key.publicJwk },
    ...{ bytes: row.statement, signature: row.signature, nowMs: atMs },
  });
  if (problem !== undefined) report('signature', problem);
  if (!abort) return;
  if (abort.host !== row.host) report('content', `it is a statement of ${abort.host}`);
  if (abort.progress !== progress) report('content', `it says ${abort.progress}, and the log ${progress}`);
  const request = context.replay.get<ReplayedRequest>(['requests', row.request_id]);
  if (abort.requestDigest !== request?.digest) report('content', 'it is about another request');
}
