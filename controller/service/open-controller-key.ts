import { isKeyFile, openSigningKey } from '../../shared/keys/index.ts';
import type { SigningKey } from '../../shared/tokens/index.ts';

/** No token of farcall begins so, and nothing takes the signature. */
const TEST = Buffer.from('farcall-controller tries whether its key signs\n');

/**
 * The key that `source` names (see `openSigningKey`). A key that is not in a file has to sign at once: a
 * wrong PIN, a token without the private key, or one that signs by another key is an error of the start, and
 * not of the first order. Throws what `openSigningKey` throws, KEY_REFUSED and KEY_WRONG.
 */
export async function openControllerKey(source: string): Promise<SigningKey> {
  const key = await openSigningKey(source, { env: process.env });
  if (!isKeyFile(source)) await key.sign(TEST);
  return key;
}
