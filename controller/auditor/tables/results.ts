import { auditDigest, type Schema } from '../../store/index.ts';
import type { FindingNote, HostKeyNote, OrderNote, RequestNote, ResultNote } from '../replay/index.ts';
import { type Complain, parseJson, type TableCheck, type VerifyContext } from '../replay/index.ts';
import type { StatedResult } from '../statements/index.ts';

type Row = Schema['results'];

/**
 * A result: the bytes and the signature are those that the log tells of, signed by a key that the host had then,
 * and they speak of this host, this request, this attempt, and an order that was made for it.
 */
export const resultsCheck: TableCheck<Row> = {
  keyOf: ({ request_id, host, attempt, late }) => [request_id, host, attempt, late],
  told: 'every',
  async check(row, context, complain) {
    const note = context.notes.get<ResultNote>(['results', row.request_id, row.host, row.attempt, row.late]);
    if (!note) return;
    checkColumns(row, note, complain);
    const key = keyOf(row, context);
    if (!key) return complain('signature', `${row.host} had no such key to sign it by`);
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

/** How long after a host's key has ended something that it signed may still be under way. */
const OLD_KEY_MS = 60_000;

/** The key that the signature names, where the host had it when the result came. */
function keyOf({ host, signature, received_at_ms: atMs }: Row, { notes }: VerifyContext) {
  const header = parseJson(Buffer.from(signature.split('.')[0] ?? '', 'base64url').toString('utf8'));
  const kid = (header as { kid?: unknown } | undefined)?.kid;
  const key = typeof kid === 'string' ? notes.get<HostKeyNote>(['host-key', host, kid]) : undefined;
  const counted = key?.times.some(
    ({ fromMs, toMs }) => fromMs <= atMs && (toMs === null || atMs <= toMs + OLD_KEY_MS),
  );
  return counted ? key : undefined;
}

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
  if (row.late === 0) checkShown(row, stated, { note, context, complain });
  const order = notes.get<OrderNote>(['orders', stated.orderId]);
  if (order?.requestId !== row.request_id || order.attempt !== row.attempt)
    complain('content', `it answers the order ${stated.orderId}, which was not made for it`);
}

function checkShown(row: Row, { finding }: StatedResult, { context, complain }: Against): void {
  const shown = context.notes.get<FindingNote>(['finding', row.request_id, row.host, row.attempt]);
  if (shown && shown.text !== finding) complain('content', 'reports show something else than what it says');
}
