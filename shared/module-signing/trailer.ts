import { FarcallError } from '../errors/index.ts';

/** The end of every signed module (include/linux/module_signature.h, v6.12). */
const MARKER = Buffer.from('~Module signature appended~\n', 'latin1');

/** PKEY_ID_PKCS7 */
const ID_TYPE_PKCS7 = 2;

/** Longest signature that can be appended, in bytes; one by RSA-4096 has about 700. */
export const SIGNATURE_LIMIT_BYTES = 8192;

/**
 * `image` with its signature appended, as the kernel reads it (include/linux/module_signature.h, v6.12).
 * `der` is the DER of a PKCS#7 SignedData (RFC 5652) over the image. Throws MESSAGE_INVALID if it is empty or
 * over {@link SIGNATURE_LIMIT_BYTES}.
 *
 *     image ‖ DER ‖ struct module_signature ‖ marker
 *
 *     struct module_signature { u8 algo, hash, id_type, signer_len, key_id_len, pad[3]; be32 sig_len }
 */
export function appendSignature(image: Uint8Array, der: Uint8Array): Uint8Array {
  if (der.length === 0 || der.length > SIGNATURE_LIMIT_BYTES)
    throw new FarcallError(
      'MESSAGE_INVALID',
      `a module signature of ${der.length} bytes is empty or too long`,
    );
  const about = Buffer.alloc(12);
  about[2] = ID_TYPE_PKCS7;
  about.writeUInt32BE(der.length, 8);
  return Buffer.concat([image, der, about, MARKER]);
}
