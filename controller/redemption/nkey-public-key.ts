import type { KeyObject } from 'node:crypto';
import { fromPublic } from '@nats-io/nkeys';
import { publicJwkSchema, publicKeyOf } from '../../shared/tokens/index.ts';

/** RFC 4648, 6. */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Of a user. */
const PUBLIC_NKEY = /^U[A-Z2-7]{55}$/;

/** An nkey is a byte for its kind, the key, and a CRC of two bytes. */
const KEY_AT = 1;
const KEY_BYTES = 32;

/**
 * The Ed25519 key in the public nkey of a user, which is 56 characters of base32. node:crypto verifies with
 * it in a hundredth of the processor time that the library takes, which computes in JavaScript. Throws if
 * the text is no such nkey, its checksum is wrong, or its point is none that a signer may have.
 */
export function nkeyPublicKey(nkey: string): KeyObject {
  if (!PUBLIC_NKEY.test(nkey)) throw new RangeError('not a public nkey of a user');
  // The library checks the checksum, but has no way to the bytes.
  fromPublic(nkey);
  const x = bytesOfBase32(nkey)
    .subarray(KEY_AT, KEY_AT + KEY_BYTES)
    .toString('base64url');
  return publicKeyOf(publicJwkSchema.parse({ kty: 'OKP', crv: 'Ed25519', x }));
}

function bytesOfBase32(text: string): Buffer {
  const bytes: number[] = [];
  let [value, bits] = [0, 0];
  for (const character of text) {
    value = ((value << 5) | BASE32.indexOf(character)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >> bits) & 0xff);
  }
  return Buffer.from(bytes);
}
