import { FarcallError } from '../errors/index.ts';
import { type AskPin, newPkcs11Key, parsePkcs11Uri, pkcs11Token } from '../pkcs11/index.ts';
import { deviceKey, type PublicJwk, publicJwkSchema, type SigningKey } from '../tokens/index.ts';

/**
 * The Ed25519 key that the `pkcs11:` URI names. `askPin` is called if the token wants a PIN and the URI names
 * no file with it, when something is signed. Throws CONFIG_INVALID for a wrong URI, and KEY_UNAVAILABLE if
 * there is no such key, or if it is of another kind.
 */
export async function pkcs11SigningKey(uri: string, askPin?: AskPin): Promise<SigningKey> {
  const token = pkcs11Token(parsePkcs11Uri(uri), askPin);
  const publicJwk = jwkOf(await token.point(), uri);
  return deviceKey(publicJwk, nameOf(uri), data => token.sign('EDDSA', data));
}

/** As `newPkcs11SigningKey` of the door. */
export async function newKeyInToken(uri: string, askPin?: AskPin): Promise<PublicJwk> {
  return jwkOf(await newPkcs11Key(parsePkcs11Uri(uri), askPin), uri);
}

function jwkOf(point: Uint8Array, uri: string): PublicJwk {
  const x = Buffer.from(point).toString('base64url');
  const jwk = publicJwkSchema.safeParse({ kty: 'OKP', crv: 'Ed25519', x });
  if (jwk.success) return jwk.data;
  throw new FarcallError('KEY_UNAVAILABLE', `the token has no usable public key for ${nameOf(uri)}`);
}

function nameOf(uri: string): string {
  return uri.split('?')[0] ?? uri;
}
