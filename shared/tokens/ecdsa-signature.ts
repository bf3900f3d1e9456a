/** The two numbers of an ECDSA signature, big-endian without leading zeros. */
export interface EcdsaSignature {
  readonly r: bigint;
  readonly s: bigint;
}

/** Order of the group of P-256 (FIPS 186-4, D.1.2.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const SEQUENCE = 0x30;
const INTEGER = 0x02;

/**
 * The numbers in a DER signature (RFC 3279, section 2.2.3). Undefined if it is not in DER, or if a number is
 * out of range.
 */
export function p256SignatureOf(der: Uint8Array): EcdsaSignature | undefined {
  const lengthOfR = der[3] ?? 0;
  const numbers = {
    r: numberIn(der.subarray(4, 4 + lengthOfR)),
    s: numberIn(der.subarray(6 + lengthOfR)),
  };
  const inRange = (value: bigint): boolean => value > 0n && value < ORDER;
  if (!inRange(numbers.r) || !inRange(numbers.s)) return undefined;
  return Buffer.compare(derOf(numbers), der) === 0 ? numbers : undefined;
}

/** Whether s is the smaller of the two numbers that verify: s and order - s both do. */
export function isLowS({ s }: EcdsaSignature): boolean {
  return s <= ORDER >> 1n;
}

/** A P-256 signature with the smaller s. Bytes that are no such signature are returned unchanged. */
export function withLowS(der: Uint8Array): Uint8Array {
  const numbers = p256SignatureOf(der);
  return numbers && !isLowS(numbers) ? derOf({ r: numbers.r, s: ORDER - numbers.s }) : der;
}

function derOf({ r, s }: EcdsaSignature): Uint8Array {
  const content = Buffer.concat([integer(r), integer(s)]);
  return Buffer.concat([Buffer.of(SEQUENCE, content.length), content]);
}

function integer(value: bigint): Uint8Array {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const signed = bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  return Buffer.concat([Buffer.of(INTEGER, signed.length), signed]);
}

function numberIn(bytes: Uint8Array): bigint {
  return bytes.length > 0 && bytes.length <= 33 ? BigInt(`0x${Buffer.from(bytes).toString('hex')}`) : 0n;
}
