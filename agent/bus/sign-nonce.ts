import { createPrivateKey, sign } from 'node:crypto';
import { fromSeed } from '@nats-io/nkeys';
import { FarcallError } from '../../shared/errors/index.ts';

/** The bytes before the 32 bytes of an Ed25519 seed in PKCS #8 (RFC 8410, 7). */
const PKCS8_START = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The signature by which the holder of the nkey `seed` answers the broker's `nonce`, in base64url. Signed by
 * node:crypto: the nats library signs in JavaScript, which takes about a hundred times the processor time,
 * and a fleet that lost its broker logs in at one moment. Throws CONFIG_INVALID if the seed is not a seed.
 */
export function signNonce(seed: Uint8Array, nonce: string): string {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_START, rawSeed(seed)]),
    format: 'der',
    type: 'pkcs8',
  });
  return sign(null, Buffer.from(nonce, 'utf8'), key).toString('base64url');
}

/**
 * The library decodes the seed and checks its checksum, but its types do not declare the method that returns
 * the bytes.
 */
function rawSeed(seed: Uint8Array): Uint8Array {
  try {
    const pair = fromSeed(seed) as unknown as { getRawSeed(): Uint8Array };
    return pair.getRawSeed();
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', 'the seed for the broker is not an nkey seed', { cause });
  }
}
