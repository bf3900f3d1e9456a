import { auditDigest, type Schema } from '../../../store/index.ts';
import type { Complain, TableCheck, VerifyContext } from '../context.ts';
import type { HostKeyNote, OrderNote, RequestNote, ResultNote } from '../notes.ts';
import type { StatedResult } from '../statement.ts';

type Row = Schema['results'];

/**
 * A result: the bytes and the signature are those that the log tells of, signed by the key to which the host is pinned,
 * and they speak of this host, this request, this attempt, and an order that was made for it.
 */
export const resultsCheck: TableCheck<Row> = {
  keyOf: ({ request_id, host, attempt, late }) => [request_id, host, attempt, late],
  told: 'every',
  async check(row, context, complain) {
    const note = context.notes.get<ResultNote>(['results', row.request_id, row.host, row.attempt, row.late]);
    if (!note) return;
    checkColumns(row, note, complain);
    const key = context.notes.get<HostKeyNote>(['host-key', row.host]);
    if (!key) return complain('signature', `there is no key of ${row.host} to verify it by`);
    const verdict = await context.statements.check({
      what: 'result',
      host: row.host,
      publicJwk: key.publicJwk,
      bytes: row.result,
      signature: row.signature,
      nowMs: note.atMs,
    });
    if (verdict.problem !== undefined) complain('signature', verdict.problem);
    if (verdict.result) checkStated(row, verdict.result, { note, context, complain });
  },
};

function checkColumns(row: Row, note: ResultNote, complain: Complain): void {
  if (auditDigest(row.result) !== note.result)
    complain('digest', 'its bytes are not those that the log tells of');
  if (Buffer.from(row.digest).toString('hex') !== auditDigest(row.result))
    complain('digest', 'its digest is not that of its bytes');
  if (auditDigest(row.signature) !== note.signature)
    complain('digest', 'its signature is not the one that the log tells of');
  if (row.received_at_ms !== note.atMs) complain('content', 'it came at another time, by the log');
}

interface Against {
  readonly note: ResultNote;
  readonly context: VerifyContext;
  readonly complain: Complain;
}

function checkStated(row: Row, stated: StatedResult, { note, context, complain }: Against): void {
  const { notes } = context;
  if (stated.host !== row.host) complain('content', `it is a result of ${stated.host}`);
  if (stated.outcome !== note.outcome)
    complain('content', `it says ${stated.outcome}, and the log ${note.outcome}`);
  if (stated.attempt !== row.attempt) complain('content', `it is for attempt ${stated.attempt}`);
  if (stated.requestDigest !== notes.get<RequestNote>(['requests', row.request_id])?.digest)
    complain('content', 'it is for another request');
  const order = notes.get<OrderNote>(['orders', stated.orderId]);
  if (order?.requestId !== row.request_id || order.attempt !== row.attempt)
    complain('content', `it answers the order ${stated.orderId}, which was not made for it`);
}
