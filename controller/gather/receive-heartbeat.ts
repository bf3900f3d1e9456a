import { FarcallError } from '../../shared/errors/index.ts';
import { hostHeartbeatCodec, signedHeartbeatCodec } from '../../shared/messages/index.ts';
import type { HostMessage } from '../bus/index.ts';
import { authenticHostStatement, type HostStatementDeps } from '../host-statements/index.ts';
import type { HeartbeatWriter } from './heartbeat-writer.ts';
import { type JournalWriter, journalReport } from './journal-writer.ts';

/** The stores and services that {@link receiveHeartbeat} uses. */
export interface HeartbeatDeps extends HostStatementDeps {
  readonly heartbeatWriter: Pick<HeartbeatWriter, 'take'>;
  readonly journalWriter: Pick<JournalWriter, 'take'>;
}

/** How far from now the time of a heartbeat may be. */
const FRESH_MS = 60_000;

/**
 * Takes in a host's heartbeat. Throws TOKEN_KEY_UNKNOWN where the host is not enrolled, TOKEN_EXPIRED where
 * it is about another time than now, and the codes of messages and tokens.
 *
 * Threat: somebody makes a host look alive and well that is not. The broker holds each user to its own
 * subject; the heartbeat is signed by the host's key, as a heartbeat; and one that was held back or recorded
 * counts for a minute at most, and never in the place of a newer one. A host that is taken over can say of
 * itself what it likes.
 */
export async function receiveHeartbeat(
  deps: HeartbeatDeps,
  { host, bytes }: HostMessage,
): Promise<undefined> {
  const { heartbeat: heartbeatBytes, signature } = signedHeartbeatCodec.decode(bytes);
  await authenticHostStatement(deps, { host, what: 'heartbeat', bytes: heartbeatBytes, signature });
  const nowMs = deps.clock.nowMs();
  const heartbeat = hostHeartbeatCodec.decode(heartbeatBytes);
  const { observedAtMs } = heartbeat;
  if (heartbeat.host !== host)
    throw new FarcallError('MESSAGE_INVALID', `${host} sends a heartbeat of ${heartbeat.host}`);
  if (Math.abs(nowMs - observedAtMs) > FRESH_MS)
    throw new FarcallError(
      'TOKEN_EXPIRED',
      `${host} says how it was at ${new Date(observedAtMs).toISOString()}; are the clocks right?`,
    );
  const { oops, oopsAtMs, newerTrustVersion, journal, ...always } = heartbeat;
  deps.heartbeatWriter.take({ ...always, oops, oopsAtMs, newerTrustVersion, receivedAtMs: nowMs });
  if (journal) deps.journalWriter.take(journalReport(host, journal, observedAtMs));
}
