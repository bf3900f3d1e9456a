import type { CounterSet } from '../../shared/counters/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { abortStatementCodec, signedAbortStatementCodec } from '../../shared/messages/index.ts';
import type { HostMessage } from '../bus/index.ts';
import { authenticHostStatement, type HostStatementDeps } from '../host-statements/index.ts';
import type { RequestStore } from '../store/index.ts';
import type { AbortStatementWriter } from './abort-statement-writer.ts';

/** The stores and services that {@link receiveAbortStatement} uses. */
export interface AbortStatementDeps extends HostStatementDeps {
  readonly requests: Pick<RequestStore, 'findByDigest'>;
  readonly abortStatements: Pick<AbortStatementWriter, 'take'>;
  readonly counters: CounterSet;
}

/**
 * Takes a host's statement that it obeys the abort of a request. Statements about requests that nobody
 * aborted, or of hosts that the request does not expect, have no effect. Throws NOT_FOUND for an unknown
 * request, MESSAGE_INVALID if one host speaks for another, and the codes of tokens.
 *
 * Threat: somebody makes an abort look obeyed where the call may still begin. The statement is signed by the
 * host's enrolled key as a statement about an abort, over the digest of the request; a host that is taken
 * over can say of itself what it likes.
 */
export async function receiveAbortStatement(
  deps: AbortStatementDeps,
  { host, bytes }: HostMessage,
): Promise<undefined> {
  const { statement, signature } = signedAbortStatementCodec.decode(bytes);
  await authenticHostStatement(deps, { host, what: 'abort', bytes: statement, signature });
  const { host: speaker, requestDigest, progress } = abortStatementCodec.decode(statement);
  if (speaker !== host)
    throw new FarcallError('MESSAGE_INVALID', `${host} says how far an abort is on ${speaker}`);
  const request = await deps.requests.findByDigest(requestDigest);
  if (!request) throw new FarcallError('NOT_FOUND', 'there is no request with this digest');
  deps.counters.count(`obeyed.${progress}`);
  deps.abortStatements.take({ requestId: request.id, host, progress, statement, signature });
}
