const POINT_BYTES = 32;
/** DER of an OCTET STRING, and of a BIT STRING, that holds a point. */
const HEADERS = ['0420', '032100'];

/**
 * The 32 bytes of an Ed25519 public key in CKA_EC_POINT, which tokens spell in three ways: in an OCTET STRING
 * (PKCS#11 2.40), in a BIT STRING, or as they are (3.0). Undefined if it is something else.
 */
export function ed25519Point(value: Uint8Array): Uint8Array | undefined {
  const bytes = Buffer.from(value);
  const header = bytes.subarray(0, -POINT_BYTES).toString('hex');
  return bytes.length >= POINT_BYTES && (header === '' || HEADERS.includes(header))
    ? bytes.subarray(-POINT_BYTES)
    : undefined;
}
