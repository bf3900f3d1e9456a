import type { Temp } from '../ir/index.ts';

/**
 * The temporaries of one program, 64 bits each, seen as pairs of 32 bits and as bigints.
 *
 * The pairs are what makes the interpreter fast: a bigint is an object, and adding two of them makes a third.
 * Bytes are in the order of the machine, which is little-endian on every CPU that farcall knows.
 */
export class Temps {
  /** Low half of temporary `t` at `2 * t`, high half behind it. */
  readonly words: Uint32Array;
  readonly unsigned: BigUint64Array;
  readonly signed: BigInt64Array;
  /** The same memory as bytes. */
  readonly bytes: Uint8Array;

  constructor(count: number) {
    const buffer = new ArrayBuffer(count * 8);
    this.words = new Uint32Array(buffer);
    this.unsigned = new BigUint64Array(buffer);
    this.signed = new BigInt64Array(buffer);
    this.bytes = new Uint8Array(buffer);
  }

  /** Sets a temporary to a number of 32 bits. */
  setSmall(to: Temp, value: number): undefined {
    this.words[2 * to] = value;
    this.words[2 * to + 1] = 0;
  }

  /** Sets both halves of a temporary. */
  setPair(to: Temp, low: number, high: number): undefined {
    this.words[2 * to] = low;
    this.words[2 * to + 1] = high;
  }

  /** Whether any bit is set. */
  isTrue(temp: Temp): boolean {
    return (this.words[2 * temp]! | this.words[2 * temp + 1]!) !== 0;
  }

  /** Takes the low `bits` of `from` and extends them to 64. */
  extend(to: Temp, from: Temp, bits: 8 | 16 | 32, signed: boolean): void {
    const low = this.words[2 * from]!;
    const unused = 32 - bits;
    const value = signed ? (low << unused) >> unused : (low << unused) >>> unused;
    this.words[2 * to] = value;
    this.words[2 * to + 1] = signed && value < 0 ? -1 : 0;
  }
}
