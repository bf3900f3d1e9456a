import type { Pkcs11Token } from '../pkcs11/index.ts';
import type { ModuleKeyAlgorithm } from './certificate.ts';

/** DigestInfo of SHA-256 (RFC 8017, 9.2, note 1), which comes before the digest under PKCS#1 v1.5. */
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/**
 * The signature of `digest` (SHA-256) by a key in a token: PKCS#1 v1.5, or ECDSA in DER. Throws as
 * `Pkcs11Token.sign`.
 */
export async function tokenSignature(
  token: Pkcs11Token,
  algorithm: ModuleKeyAlgorithm,
  digest: Uint8Array,
): Promise<Uint8Array> {
  if (algorithm === 'rsa') return token.sign('RSA-PKCS', Buffer.concat([DIGEST_INFO, digest]));
  return derOf(await token.sign('ECDSA', digest));
}

/** ECDSA-Sig-Value (RFC 3279, 2.2.3) of r and s, which have equal lengths, together below 128 bytes. */
function derOf(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  const integers = [signature.subarray(0, half), signature.subarray(half)].map(derInteger);
  const content = Buffer.concat(integers);
  return Buffer.concat([Buffer.of(0x30, content.length), content]);
}

function derInteger(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex(byte => byte !== 0);
  const significant = bytes.subarray(first === -1 ? bytes.length - 1 : first);
  const padding = (significant[0] ?? 0) >= 0x80 ? [0] : [];
  return Buffer.concat([
    Buffer.of(2, significant.length + padding.length),
    Buffer.from(padding),
    significant,
  ]);
}
