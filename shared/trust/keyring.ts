import { type Keyring, keyId, publicKeyOf, type TrustedKey } from '../tokens/index.ts';
import type { Principal } from './bundle.ts';

/**
 * A bundle that was read never changes, and making a key from its JWK costs more than checking a signature.
 */
const made = new WeakMap<readonly Principal[], Keyring>();

/**
 * The keys of `principals` by key id, each with its validity. They must come from a bundle that was decoded:
 * its rules ensure that no key has two names (`checkBundleRules`).
 */
export function keyringOf(principals: readonly Principal[]): Keyring {
  let keyring = made.get(principals);
  if (!keyring) {
    keyring = new Map(principals.flatMap(entriesOf));
    made.set(principals, keyring);
  }
  return keyring;
}

function entriesOf({ name, keys }: Principal): [string, TrustedKey][] {
  return keys.map(({ notBeforeMs, notAfterMs, ...jwk }) => {
    const passkey = 'passkey' in jwk ? { passkey: jwk.passkey } : {};
    const key = publicKeyOf(jwk);
    return [keyId(jwk), { owner: name, key, validity: { notBeforeMs, notAfterMs }, ...passkey }];
  });
}
