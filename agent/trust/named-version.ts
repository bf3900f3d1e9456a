import { orderEnvelopeCodec } from '../../shared/messages/index.ts';
import { splitCanonicalToken } from '../../shared/tokens/index.ts';

/**
 * The version of the trust bundle that an order names, before anything in it is verified; 0 if it names none.
 * Fit only for asking whether there is a newer bundle.
 */
export function namedTrustVersion(envelopeBytes: Uint8Array): number {
  try {
    const { trustVersion } = splitCanonicalToken(orderEnvelopeCodec.decode(envelopeBytes).order).payload;
    return typeof trustVersion === 'number' && Number.isSafeInteger(trustVersion) ? trustVersion : 0;
  } catch {
    // `authenticateOrder` reports what is wrong with it.
    return 0;
  }
}
