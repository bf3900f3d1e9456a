import { FarcallError } from '../errors/index.ts';

/** Ends every signed module (include/linux/module_signature.h, v6.12). */
const MARKER = Buffer.from('~Module signature appended~\n', 'latin1');

/** PKEY_ID_PKCS7 */
const ID_TYPE_PKCS7 = 2;

/** Longest signature that is appended; one by RSA-4096 has some 700 bytes. */
export const SIGNATURE_LIMIT_BYTES = 8192;

/**
 * A module image with its signature, the DER of a PKCS#7 SignedData (RFC 5652) over the image.
 *
 *     image ‖ DER ‖ struct module_signature ‖ marker
 *
 *     struct module_signature { u8 algo, hash, id_type, signer_len, key_id_len, pad[3]; be32 sig_len }
 */
export function appendSignature(image: Uint8Array, der: Uint8Array): Uint8Array {
  if (der.length === 0 || der.length > SIGNATURE_LIMIT_BYTES)
    throw new FarcallError('MESSAGE_INVALID', `a module signature of ${der.length} bytes cannot be`);
  const about = Buffer.alloc(12);
  about[2] = ID_TYPE_PKCS7;
  about.writeUInt32BE(der.length, 8);
  return Buffer.concat([image, der, about, MARKER]);
}
