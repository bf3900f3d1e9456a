import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { hostHeartbeatCodec, signedHeartbeatCodec } from '../../shared/messages/index.ts';
import { signedAtMs } from '../../shared/tokens/index.ts';
import type { HostMessage } from '../bus/index.ts';
import {
  authenticHostStatement,
  type HostStatementDeps,
  type ReceivedHostStatement,
} from '../host-statements/index.ts';
import type { HeartbeatWriter } from './heartbeat-writer.ts';
import type { HostClocks } from './host-clocks.ts';
import { type JournalWriter, journalReport } from './journal-writer.ts';

/** The stores and services that {@link receiveHeartbeat} uses. */
export interface HeartbeatDeps extends HostStatementDeps {
  readonly heartbeatWriter: Pick<HeartbeatWriter, 'take'>;
  readonly journalWriter: Pick<JournalWriter, 'take'>;
  readonly hostClocks: Pick<HostClocks, 'note'>;
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
  await authenticNow(deps, { host, what: 'heartbeat', bytes: heartbeatBytes, signature });
  const nowMs = deps.clock.nowMs();
  const heartbeat = hostHeartbeatCodec.decode(heartbeatBytes);
  const { observedAtMs } = heartbeat;
  if (heartbeat.host !== host)
    throw new FarcallError('MESSAGE_INVALID', `${host} sends a heartbeat of ${heartbeat.host}`);
  deps.hostClocks.note(host, observedAtMs);
  if (Math.abs(nowMs - observedAtMs) > FRESH_MS)
    throw new FarcallError(
      'TOKEN_EXPIRED',
      `${host} says how it was at ${new Date(observedAtMs).toISOString()}; are the clocks right?`,
    );
  const { oops, oopsAtMs, newerTrustVersion, journal, ...always } = heartbeat;
  deps.heartbeatWriter.take({ ...always, oops, oopsAtMs, newerTrustVersion, receivedAtMs: nowMs });
  if (journal) deps.journalWriter.take(journalReport(host, journal, observedAtMs));
}

/**
 * Checks a statement, and notes the clock of a host whose statement is of another time than now. It is
 * verified as of the time that it names: a forged one must not make a clock look wrong.
 */
async function authenticNow(deps: HeartbeatDeps, statement: ReceivedHostStatement): Promise<void> {
  try {
    await authenticHostStatement(deps, statement);
  } catch (error) {
    if (toFarcallError(error).code === 'TOKEN_EXPIRED') {
      const atMs = signedAtMs(statement.signature);
      await authenticHostStatement({ ...deps, clock: { nowMs: () => atMs } }, statement);
      deps.hostClocks.note(statement.host, atMs);
    }
    throw error;
  }
}
