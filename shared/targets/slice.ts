import { sha256 } from '../tokens/index.ts';

/** A range of the numbers 0 to 2^32: at least `from`, below `to`. */
export interface Slice {
  readonly from: number;
  readonly to: number;
}

/** The slice of every host. */
export const WHOLE: Slice = { from: 0, to: 2 ** 32 };

/**
 * The number of `host` for one request: the first 32 bits of SHA-256(request digest ‖ host name). Each
 * request shuffles the hosts, every host can compute its own number, and nobody can choose to be in the first
 * wave.
 */
export function sliceNumber(requestDigest: Uint8Array, host: string): number {
  const hash = sha256(requestDigest, Buffer.from(host, 'utf8'));
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0);
}

/** Whether `host` is in `slice` for this request. */
export function inSlice(slice: Slice, requestDigest: Uint8Array, host: string): boolean {
  const number = sliceNumber(requestDigest, host);
  return number >= slice.from && number < slice.to;
}
