import { reasonOf } from '../../../shared/errors/index.ts';
import { abortEnvelopeCodec, callRequestCodec } from '../../../shared/messages/index.ts';
import { verifyAbort } from '../../../shared/trust/index.ts';
import { auditDigest, type Schema } from '../../store/index.ts';
import {
  isLogged,
  type ReplayedAbort,
  type ReplayedRequest,
  type ReportFinding,
  type TableCheck,
  trustedAt,
  type VerifyContext,
} from '../replay/index.ts';

type Row = Schema['aborts'];

/**
 * An abort: the envelope is the one that the log records, about this request, by somebody who could stop it
 * then.
 */
export const abortsCheck: TableCheck<Row> = {
  keyOf: ({ request_id }) => [request_id],
  recorded: 'every',
  async check(row, context, report) {
    const recorded = context.replay.get<ReplayedAbort>(['aborts', row.request_id]);
    if (!recorded) return;
    isLogged('its envelope', row.envelope, recorded.envelope, report);
    if (row.aborter !== recorded.aborter)
      report('content', `the audit log says that it is ${recorded.aborter}'s`);
    if (row.created_at_ms !== recorded.madeMs)
      report('content', 'the audit log says that it was made at another time');
    if (row.published_at_ms !== recorded.publishedMs)
      report('content', 'the audit log says that it was published at another time, or not at all');
    if (row.ended_at_ms !== recorded.endedMs)
      report('content', 'the audit log says that its request ended at another time, or not at all');
    await checkToken(row, recorded, context, report);
  },
};

async function checkToken(
  row: Row,
  { trust, madeMs }: ReplayedAbort,
  context: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  const trusted = trustedAt(trust, context, report);
  if (!trusted) return;
  const replayedRequest = context.replay.get<ReplayedRequest>(['requests', row.request_id]);
  try {
    const { request, abort } = abortEnvelopeCodec.decode(row.envelope);
    if (auditDigest(request) !== replayedRequest?.digest)
      report('content', 'its envelope holds other bytes than those of the request');
    const { by, reason } = await verifyAbort({
      ...{ token: abort, requestBytes: request, request: callRequestCodec.decode(request) },
      ...{ bundle: trusted.bundle, nowMs: madeMs },
    });
    if (by !== row.aborter) report('content', `it is signed by ${by}`);
    if (reason !== row.reason) report('content', 'its token gives another reason');
  } catch (error) {
    report('signature', reasonOf(error));
  }
}
