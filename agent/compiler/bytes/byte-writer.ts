import { FarcallError } from '../../../shared/errors/index.ts';

/**
 * Little-endian bytes that grow as they are written. A number that does not fit throws ENCODING_RANGE;
 * nothing wraps.
 */
export class ByteWriter {
  #bytes = Buffer.alloc(256);
  #length = 0;

  /** How many bytes have been written. */
  get length(): number {
    return this.#length;
  }

  /** Appends single bytes, each 0 to 255. */
  u8(...values: readonly number[]): void {
    const at = this.#grow(values.length);
    for (let index = 0; index < values.length; index++) {
      this.#bytes[at + index] = inRange(values[index]!, 0, 0xff, 'u8');
    }
  }

  u16(value: number): void {
    const at = this.#grow(2);
    this.#bytes.writeUInt16LE(inRange(value, 0, 0xffff, 'u16'), at);
  }

  u32(value: number): void {
    const at = this.#grow(4);
    this.#bytes.writeUInt32LE(inRange(value, 0, 0xffffffff, 'u32'), at);
  }

  i32(value: number): void {
    const at = this.#grow(4);
    this.#bytes.writeInt32LE(inRange(value, -0x80000000, 0x7fffffff, 'i32'), at);
  }

  /** Any 64-bit value, unsigned or signed. */
  u64(value: bigint): void {
    if (value < -(1n << 63n) || value >= 1n << 64n) throw range(value, '64 bits');
    const at = this.#grow(8);
    this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, value), at);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Appends zeros up to a multiple of `alignment`. */
  align(alignment: number): void {
    const rest = this.#length % alignment;
    if (rest > 0) this.zeros(alignment - rest);
  }

  zeros(count: number): void {
    const at = this.#grow(count);
    this.#bytes.fill(0, at, at + count);
  }

  /** Overwrites four bytes at `offset`, which must have been written. */
  patchI32(offset: number, value: number): void {
    if (offset < 0 || offset + 4 > this.#length) throw range(offset, 'what has been written');
    this.#bytes.writeInt32LE(inRange(value, -0x80000000, 0x7fffffff, 'i32'), offset);
  }

  /** A copy of what has been written. */
  finish(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, 0, this.#length);
  }

  #grow(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return at;
  }
}

function inRange(value: number, least: number, most: number, what: string): number {
  if (!Number.isInteger(value) || value < least || value > most) throw range(value, what);
  return value;
}

function range(value: number | bigint, what: string): FarcallError {
  return new FarcallError('ENCODING_RANGE', `${value} does not fit in ${what}`);
}
