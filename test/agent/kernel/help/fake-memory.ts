import { type KernelMemory, MemoryFault } from '../../../../agent/kernel/kcore/index.ts';

/** Kernel memory made of pieces that a test lays out. */
export class FakeMemory implements KernelMemory {
  readonly #pieces: { readonly address: bigint; readonly bytes: Uint8Array }[] = [];

  /** Lays `bytes` at `address`. */
  put(address: bigint, bytes: Uint8Array): this {
    this.#pieces.push({ address, bytes });
    return this;
  }

  read(address: bigint, sizeBytes: number): Uint8Array {
    const from = BigInt.asUintN(64, address);
    for (const piece of this.#pieces) {
      const offset = from - piece.address;
      if (offset < 0n || offset + BigInt(sizeBytes) > BigInt(piece.bytes.length)) continue;
      return piece.bytes.slice(Number(offset), Number(offset) + sizeBytes);
    }
    throw new MemoryFault(from, sizeBytes);
  }
}

/** Little-endian u32s, one after the other. */
export function u32s(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value, true);
  return bytes;
}
