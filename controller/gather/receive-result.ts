import type { Clock } from '../../shared/clock/index.ts';
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
import { enrolledHost, verifyHostStatement } from '../host-statements/index.ts';
import type { Logger } from '../log/index.ts';
import { admitAnswering } from '../requests/index.ts';
import { resultSummaryText, summarizeResult } from '../result-summary/index.ts';
import type { HostKeyStore, LateJoinerStore, NewResult, OrderStore, RequestStore } from '../store/index.ts';
import type { CommitResult } from './group-commit.ts';

export interface ResultDeps {
  readonly hostKeys: Pick<HostKeyStore, 'find'>;
  readonly requests: Pick<RequestStore, 'find' | 'findByDigest'>;
  readonly lateJoiners: LateJoinerStore;
  readonly orders: Pick<OrderStore, 'identify'>;
  readonly commitResult: CommitResult;
  readonly clock: Clock;
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
  try {
    const result = await verifiedResult(deps, host, envelope);
    const { effect, token } = await commit(deps, result);
    const about = { request: result.requestId, host, outcome: result.outcome, effect };
    deps.counters.count(`committed.${effect}.${result.outcome}`);
    deps.log.info(about, 'result committed');
    return resultCommittedCodec.encode({ resultDigest, committed: true, reason: '', token, checkpoint });
  } catch (thrown) {
    const error = toFarcallError(thrown);
    const count = deps.counters.count(`result.${error.code}`);
    const request = await requestNamedIn(deps, envelope);
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
 * Threats: a result in another host's name (the broker's subject, the name in the result and the holder of
 * the enrolled key must be the same); a result of a call that was never ordered, or an answer to a forged
 * order (the order's id must belong to this request and attempt). The store checks in the same transaction
 * whether the host was expected.
 */
async function verifiedResult(
  deps: ResultDeps,
  host: string,
  { result: bytes, signature }: ResultEnvelope,
): Promise<NewResult> {
  const result = callResultCodec.decode(bytes);
  if (result.host !== host)
    throw new FarcallError('MESSAGE_INVALID', `${host} sends a result of ${result.host}`);
  const { publicJwk } = await enrolledHost(deps.hostKeys, host);
  const { digest } = await verifyHostStatement({
    host,
    key: publicJwk,
    what: 'result',
    bytes,
    signature,
    nowMs: deps.clock.nowMs(),
  });
  const requestId = await requestOf(deps, result);
  const { attempt, outcome } = result;
  const summary = resultSummaryText(summarizeResult(result));
  return { requestId, host, attempt, outcome, result: bytes, digest, signature, summary };
}

/** The id of the request that a refused result names, for the log; undefined if it names none. */
async function requestNamedIn(
  { requests }: Pick<ResultDeps, 'requests'>,
  { result }: ResultEnvelope,
): Promise<string | undefined> {
  try {
    return (await requests.findByDigest(callResultCodec.decode(result).requestDigest))?.id;
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
