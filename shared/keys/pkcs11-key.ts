import { FarcallError } from '../errors/index.ts';
import { type AskPin, parsePkcs11Uri, pkcs11Token } from '../pkcs11/index.ts';
import { deviceKey, publicJwkSchema, type SigningKey } from '../tokens/index.ts';

/**
 * The Ed25519 key that the `pkcs11:` URI names. `askPin` is called if the token wants a PIN and the URI names
 * no file with it, when something is signed. Throws CONFIG_INVALID for a wrong URI, and KEY_UNAVAILABLE if
 * there is no such key, or if it is of another kind.
 */
export async function pkcs11SigningKey(uri: string, askPin?: AskPin): Promise<SigningKey> {
  const token = pkcs11Token(parsePkcs11Uri(uri), askPin);
  const x = Buffer.from(await token.point()).toString('base64url');
  const name = uri.split('?')[0] ?? uri;
  const jwk = publicJwkSchema.safeParse({ kty: 'OKP', crv: 'Ed25519', x });
  if (!jwk.success)
    throw new FarcallError('KEY_UNAVAILABLE', `the token has no usable public key for ${name}`);
  return deviceKey(jwk.data, name, data => token.sign('EDDSA', data));
}
