import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { hostPulseCodec, signedPulseCodec } from '../../shared/messages/index.ts';
import type { HostMessage } from '../bus/index.ts';
import { enrolledHost, verifyStatement } from '../host-statements/index.ts';
import type { HostKeyStore } from '../store/index.ts';
import type { PulseKeeper } from './pulse-keeper.ts';

/** What {@link receivePulse} needs. */
export interface PulseDeps {
  readonly pulseKeeper: Pick<PulseKeeper, 'take'>;
  readonly hostKeys: Pick<HostKeyStore, 'find'>;
  readonly clock: Clock;
}

/** How far from now the moment may lie at which a host looked at its kernel. */
const FRESH_MS = 60_000;

/**
 * Takes in a host's sign of life. Throws TOKEN_KEY_UNKNOWN where the host is not enrolled, TOKEN_EXPIRED where it is about
 * another time than now, and the codes of messages and tokens.
 *
 * Threat: somebody makes a host look alive and well that is not. The broker holds each user to its own subject; the pulse
 * is signed by the host's key, as a pulse; and one that was held back or recorded counts for a minute at most, and never
 * in the place of a newer one. A host that is taken over can say of itself what it likes.
 */
export async function receivePulse(deps: PulseDeps, { host, bytes }: HostMessage): Promise<undefined> {
  const { pulse: pulseBytes, signature } = signedPulseCodec.decode(bytes);
  const { bootId, taint, oops, oopsAtMs, observedAtMs, waitingResults, ...pulse } =
    hostPulseCodec.decode(pulseBytes);
  if (pulse.host !== host)
    throw new FarcallError('MESSAGE_INVALID', `${host} sends a pulse of ${pulse.host}`);
  const { publicJwk } = await enrolledHost(deps.hostKeys, host);
  const nowMs = deps.clock.nowMs();
  await verifyStatement({ host, key: publicJwk, what: 'pulse', bytes: pulseBytes, signature, nowMs });
  if (Math.abs(nowMs - observedAtMs) > FRESH_MS)
    throw new FarcallError(
      'TOKEN_EXPIRED',
      `${host} says how it was at ${new Date(observedAtMs).toISOString()}; are the clocks right?`,
    );
  const said = { host, bootId, taint, oops, oopsAtMs, observedAtMs, waitingResults };
  deps.pulseKeeper.take({ ...said, receivedAtMs: nowMs });
}
