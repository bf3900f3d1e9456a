import { resultEnvelopeCodec } from '../../shared/messages/index.ts';
import { splitCanonicalToken } from '../../shared/tokens/index.ts';
import type { HostIdentity } from '../identity/index.ts';

/** A signature older than this is made again before it is sent, in seconds. */
const FRESH_S = 24 * 3600;

/**
 * The envelope from the journal, with a new signature of the same result if the old one was made more than a
 * day ago, or in the future: a controller that was away for weeks, or a clock that was wrong when the call
 * ended, must not make a result worthless. Its digest, by which the controller identifies it, stays the same.
 */
export async function freshEnvelope(
  envelope: Uint8Array,
  identity: HostIdentity,
  nowMs: number,
): Promise<Uint8Array> {
  const { result, signature } = resultEnvelopeCodec.decode(envelope);
  const { iat } = splitCanonicalToken(signature).payload;
  if (typeof iat === 'number' && Math.abs(nowMs / 1000 - iat) < FRESH_S) return envelope;
  return resultEnvelopeCodec.encode({ result, signature: await identity.sign('result', result, nowMs) });
}
