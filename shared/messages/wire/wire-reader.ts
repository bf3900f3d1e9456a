import { FarcallError } from '../../errors/index.ts';

/** The wire types of protobuf that farcall uses; groups (3 and 4) are refused. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** A varint has at most ten bytes. */
const VARINT_BYTES = 10;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads protobuf's wire format from a part of some bytes, and makes no objects. All methods throw
 * MESSAGE_INVALID where the bytes end too early.
 */
export class WireReader {
  readonly bytes: Uint8Array;
  at: number;
  end: number;

  /** Reads from `at` up to `end`. */
  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** A varint; of one that is longer than 32 bits, the lowest 32, as protobuf reads it. */
  uint32(): number {
    const first = this.bytes[this.at]!;
    if (first < 0x80 && this.at < this.end) {
      this.at += 1;
      return first;
    }
    let value = 0;
    for (let index = 0; index < VARINT_BYTES; index++) {
      if (this.at >= this.end) break;
      const byte = this.bytes[this.at++]!;
      if (index < 5) value |= (byte & 0x7f) << (7 * index);
      if (byte < 0x80) return value >>> 0;
    }
    throw new FarcallError('MESSAGE_INVALID', 'the bytes end within a number');
  }

  /** Reads the length of a string, of bytes or of a message, and returns where it ends. */
  delimitedEnd(): number {
    const length = this.uint32();
    const end = this.at + length;
    if (end <= this.end) return end;
    throw new FarcallError('MESSAGE_INVALID', 'the bytes end within a field');
  }

  /** The string up to `end`. Throws MESSAGE_INVALID if the bytes are not UTF-8. */
  text(end: number): string {
    const { bytes, at } = this;
    this.at = end;
    if (end - at < 32) {
      const short = asciiText(bytes, at, end);
      if (short !== undefined) return short;
    }
    try {
      return UTF8.decode(bytes.subarray(at, end));
    } catch (cause) {
      throw new FarcallError('MESSAGE_INVALID', 'a string is not UTF-8', { cause });
    }
  }

  /** Goes past the content of a field of this wire type. */
  skip(wireType: number): void {
    switch (wireType) {
      case WIRE.varint:
        this.uint32();
        return;
      case WIRE.bytes:
        this.at = this.delimitedEnd();
        return;
      case WIRE.fixed64:
        return this.#forward(8);
      case WIRE.fixed32:
        return this.#forward(4);
      default:
        throw new FarcallError('MESSAGE_INVALID', `wire type ${wireType} is not used by farcall`);
    }
  }

  #forward(length: number): void {
    if (this.at + length > this.end)
      throw new FarcallError('MESSAGE_INVALID', 'the bytes end within a field');
    this.at += length;
  }
}

/** Short ASCII text, which costs more as a call of Buffer; undefined if it is not ASCII. */
function asciiText(bytes: Uint8Array, at: number, end: number): string | undefined {
  let text = '';
  for (let index = at; index < end; index++) {
    const byte = bytes[index]!;
    if (byte >= 0x80) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}
