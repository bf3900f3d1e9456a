import { reasonOf } from '../../../shared/errors/index.ts';
import { abortEnvelopeCodec, callRequestCodec } from '../../../shared/messages/index.ts';
import { verifyAbort } from '../../../shared/trust/index.ts';
import { auditDigest, type Schema } from '../../store/index.ts';
import type { AbortNote, Complain, RequestNote, TableCheck, VerifyContext } from '../replay/index.ts';

type Row = Schema['aborts'];

/** An abort: the envelope is the one that the log tells of, about this request, by somebody who could stop it then. */
export const abortsCheck: TableCheck<Row> = {
  keyOf: ({ request_id }) => [request_id],
  told: 'every',
  async check(row, context, complain) {
    const note = context.notes.get<AbortNote>(['aborts', row.request_id]);
    if (!note) return;
    if (auditDigest(row.envelope) !== note.envelope)
      complain('digest', 'its envelope is not the one that the log tells of');
    if (row.aborter !== note.aborter) complain('content', `by the log it is ${note.aborter}'s`);
    if (row.created_at_ms !== note.madeMs) complain('content', 'it was made at another time, by the log');
    if (row.published_at_ms !== note.publishedMs)
      complain('content', 'it was published at another time, by the log, or not at all');
    await checkToken(row, note, context, complain);
  },
};

async function checkToken(
  row: Row,
  { trust, madeMs }: AbortNote,
  context: VerifyContext,
  complain: Complain,
): Promise<void> {
  const trusted = context.trust.trustAt(trust);
  if (!trusted)
    return complain(
      'trust',
      `it was judged by version ${trust} of the trust bundle, to which the roots do not lead`,
    );
  const told = context.notes.get<RequestNote>(['requests', row.request_id]);
  try {
    const { request, abort } = abortEnvelopeCodec.decode(row.envelope);
    if (auditDigest(request) !== told?.digest)
      complain('content', 'its envelope holds other bytes than those of the request');
    const { by, reason } = await verifyAbort({
      ...{ token: abort, requestBytes: request, request: callRequestCodec.decode(request) },
      ...{ bundle: trusted.bundle, nowMs: madeMs },
    });
    if (by !== row.aborter) complain('content', `it is signed by ${by}`);
    if (reason !== row.reason) complain('content', 'its token gives another reason');
  } catch (error) {
    complain('signature', reasonOf(error));
  }
}
