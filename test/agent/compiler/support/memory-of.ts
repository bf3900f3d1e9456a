import type { Memory } from '../../../../agent/compiler/index.ts';

/** A piece of memory. */
export interface Piece {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** Memory that consists of these pieces, and counts what is asked of it. */
export function memoryOf(pieces: readonly Piece[]): Memory & { readonly asked: { copies: number } } {
  const asked = { copies: 0 };
  return {
    asked,
    copy(address, to, offset, count) {
      asked.copies++;
      for (const { address: start, bytes } of pieces) {
        const from = address - start;
        if (from < 0n || from + BigInt(count) > BigInt(bytes.length)) continue;
        to.set(bytes.subarray(Number(from), Number(from) + count), offset);
        return true;
      }
      return false;
    },
    refresh: () => undefined,
  };
}
