import type { CounterSet } from '../../shared/counters/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import {
  type CallResult,
  callResultCodec,
  type ResultEnvelope,
  resultCommittedCodec,
  resultEnvelopeCodec,
} from '../../shared/messages/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import type { HostMessage } from '../bus/index.ts';
import { authenticHostStatement, type HostStatementDeps } from '../host-statements/index.ts';
import type { Logger } from '../log/index.ts';
import { admitAnswering } from '../requests/index.ts';
import { resultRowsOf, resultSummaryText, summarizeResult } from '../result-summary/index.ts';
import type { LateJoinerStore, NewResult, OrderStore, RequestStore } from '../store/index.ts';
import type { CommitResult } from './group-commit.ts';
import { type JournalWriter, journalReport } from './journal-writer.ts';

export interface ResultDeps extends HostStatementDeps {
  readonly requests: Pick<RequestStore, 'find' | 'findByDigest'>;
  readonly lateJoiners: LateJoinerStore;
  readonly orders: Pick<OrderStore, 'identify'>;
  readonly commitResult: CommitResult;
  readonly journalWriter: Pick<JournalWriter, 'take'>;
  readonly log: Logger;
  readonly counters: CounterSet;
  /** The newest checkpoint of the audit log, for the host to keep. */
  readonly newestCheckpoint: () => string | undefined;
}

/** How much of a reason is sent back to a host. */
const REASON_LIMIT_CHARS = 1024;

/**
 * Receives a result. The answer tells the host whether it may drop its copy: `committed: true` is sent only
 * after the store has committed the result (or had it already), with the controller's signature. Otherwise
 * the host keeps the result and gets the reason. Bytes that are no envelope get no answer, since no host
 * sends them.
 */
export async function receiveResult(deps: ResultDeps, { host, bytes }: HostMessage): Promise<Uint8Array> {
  const envelope = resultEnvelopeCodec.decode(bytes);
  const resultDigest = sha256(envelope.result);
  const checkpoint = deps.newestCheckpoint();
  let authentic: CallResult | undefined;
  try {
    authentic = await authenticResult(deps, host, envelope);
    const result = await newResult(deps, authentic, envelope);
    const { effect, token } = await commit(deps, result);
    const about = { request: result.requestId, host, outcome: result.outcome, effect };
    // Results are sent again for weeks: one can tell how far a journal has come, but not that its host spoke
    // now.
    if (authentic.journal) deps.journalWriter.take(journalReport(host, authentic.journal, 0));
    deps.counters.count(`committed.${effect}.${result.outcome}`);
    deps.log.info(about, 'result committed');
    return resultCommittedCodec.encode({ resultDigest, committed: true, reason: '', token, checkpoint });
  } catch (thrown) {
    const error = toFarcallError(thrown);
    const count = deps.counters.count(`result.${error.code}`);
    const request = authentic && (await requestNamedIn(deps, authentic));
    deps.log.warn({ request, host, code: error.code, err: error, count }, 'result refused');
    const reason = `${error.code}: ${error.message}`.slice(0, REASON_LIMIT_CHARS);
    return resultCommittedCodec.encode({ resultDigest, committed: false, reason, token: '', checkpoint });
  }
}

/**
 * Commits a result. One of a host that was not expected is committed if the request's selector matches that
 * host.
 */
async function commit(deps: ResultDeps, result: NewResult): ReturnType<CommitResult> {
  try {
    return await deps.commitResult(result);
  } catch (thrown) {
    if (toFarcallError(thrown).code !== 'NOT_SELECTED') throw thrown;
    const record = await deps.requests.find(result.requestId);
    if (!record || !(await admitAnswering(deps, record, result.host))) throw thrown;
    return await deps.commitResult(result);
  }
}

/**
 * The result in `envelope`, which `host` signed.
 *
 * Threats: a stranger's bytes that take long to decode (the signature comes first); a result in another
 * host's name (the broker's subject, the name in the result and the holder of the enrolled key must be one).
 */
async function authenticResult(
  deps: ResultDeps,
  host: string,
  { result: bytes, signature }: ResultEnvelope,
): Promise<CallResult> {
  await authenticHostStatement(deps, { host, what: 'result', bytes, signature });
  const result = callResultCodec.decode(bytes);
  if (result.host === host) return result;
  throw new FarcallError('MESSAGE_INVALID', `${host} sends a result of ${result.host}`);
}

/**
 * What the store is to keep of an authentic result. Whether the host was expected at all, the store says in
 * the same transaction.
 *
 * Threat: a result of a call that was never ordered, or an answer to a forged order. The order's id must be
 * that of this request and attempt.
 */
async function newResult(
  deps: ResultDeps,
  result: CallResult,
  { result: bytes, signature }: ResultEnvelope,
): Promise<NewResult> {
  const requestId = await requestOf(deps, result);
  const { host, attempt, outcome } = result;
  const summary = resultSummaryText(summarizeResult(result));
  return {
    ...{ requestId, host, attempt, outcome },
    ...{ result: bytes, digest: sha256(bytes), signature, summary, rows: resultRowsOf(result) },
  };
}

/** The id of the request that a refused result names, for the log; undefined if it names none. */
async function requestNamedIn(
  { requests }: Pick<ResultDeps, 'requests'>,
  { requestDigest }: CallResult,
): Promise<string | undefined> {
  try {
    return (await requests.findByDigest(requestDigest))?.id;
  } catch {
    return undefined;
  }
}

async function requestOf(deps: ResultDeps, result: CallResult): Promise<string> {
  const order = await deps.orders.identify(result.orderId);
  const isOurs = order && Buffer.compare(order.requestDigest, result.requestDigest) === 0;
  if (isOurs && order.attempt === result.attempt) return order.requestId;
  const request = await deps.requests.findByDigest(result.requestDigest);
  if (!request) throw new FarcallError('NOT_FOUND', 'there is no request with this digest');
  throw new FarcallError(
    'NOT_FOUND',
    `this controller made no order ${result.orderId} for attempt ${result.attempt} at request ${request.id}`,
  );
}
