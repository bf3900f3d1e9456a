/** The prime of the field of Curve25519 (RFC 8032, 5.1). */
const P = 2n ** 255n - 19n;
/** The constant d of the curve -x^2 + y^2 = 1 + d x^2 y^2. */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
/** A square root of -1 (RFC 8032, 5.1.3): 2^((P - 1) / 4). */
const ROOT_OF_MINUS_ONE = 19681161376707505956807079304988542015446066515923890162744021073123829784752n;
const KEY_BYTES = 32;
const SIGN_BIT = 1n << 255n;

/**
 * Keys that were found to be usable, by their bytes in base64url: a bundle names the same ones again and
 * again.
 */
const usable = new Set<string>();
const USABLE_LIMIT = 16_384;

/**
 * Whether `x`, the public key of a JWK, is a point of Ed25519 in its one encoding (RFC 8032, 5.1.3), and not
 * of small order.
 *
 * Threat: with a key of small order, one signature verifies for many messages, so that anybody could sign for
 * its holder. A key off the curve, or in a second encoding, is read differently by different libraries: one
 * refuses what another takes, and one person could have two keys that are one.
 */
export function isUsableEd25519Key(x: string): boolean {
  if (usable.has(x)) return true;
  if (!isUsablePoint(Buffer.from(x, 'base64url'))) return false;
  if (usable.size >= USABLE_LIMIT) usable.clear();
  usable.add(x);
  return true;
}

function isUsablePoint(bytes: Uint8Array): boolean {
  if (bytes.length !== KEY_BYTES) return false;
  const encoded = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
  const y = encoded & (SIGN_BIT - 1n);
  if (y >= P) return false;
  const x = xOf(y);
  return x !== undefined && !isOfSmallOrder(x, y);
}

/**
 * The coordinate x of a point with this y; undefined if there is none (RFC 8032, 5.1.3). Of the two such
 * points, which the bit for the sign tells apart, it is either: both are of the same order. The points with
 * x = 0, which the RFC lets have one sign only, are of small order.
 */
function xOf(y: bigint): bigint | undefined {
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  const x = mod(u * v ** 3n * power(mod(u * v ** 7n), (P - 5n) / 8n));
  const check = mod(v * x * x);
  if (check === u) return x;
  return check === mod(-u) ? mod(x * ROOT_OF_MINUS_ONE) : undefined;
}

/**
 * Whether the order of the point divides eight. Doubling gives an x that is 0 if x or y is, and a y that is 0
 * if x^2 + y^2 is (RFC 8032, 5.1.4; the denominators are never 0). So the order is 1 or 2 if x is 0, 4 if y
 * is, and 8 if x^2 = -y^2.
 */
function isOfSmallOrder(x: bigint, y: bigint): boolean {
  return mod(x * y * (x * x + y * y)) === 0n;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = mod(square * square))
    if (rest & 1n) result = mod(result * square);
  return result;
}

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}
