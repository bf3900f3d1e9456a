import { FarcallError } from '../errors/index.ts';

/** A number as SSH encodes it (RFC 4251, 5). */
export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A string as SSH encodes it (RFC 4251, 5). */
export function sshString(bytes: Uint8Array): Buffer {
  return Buffer.concat([u32(bytes.length), bytes]);
}

/** Reads what SSH encodes. Each method throws KEY_UNAVAILABLE at the end of the bytes, and copies nothing. */
export class SshReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The next number. */
  u32(): number {
    return this.#take(4).readUInt32BE(0);
  }

  /** The next string. */
  string(): Uint8Array {
    return this.#take(this.u32());
  }

  /** Whether everything was read. */
  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  #take(length: number): Buffer {
    const start = this.#offset;
    if (length > this.#bytes.length - start)
      throw new FarcallError('KEY_UNAVAILABLE', 'the ssh-agent answers what is cut off');
    this.#offset = start + length;
    return this.#bytes.subarray(start, this.#offset);
  }
}
