import { createHash, randomBytes } from 'node:crypto';

/** Length of a head, in bytes. */
export const HEAD_BYTES = 32;

/**
 * How far a journal has come: the number of its records, and a hash over all of them in their order. Two
 * journals with the same number and another head have different histories.
 */
export interface JournalPosition {
  /** Records since the journal was made; compaction takes none away. */
  readonly sequence: number;
  /** `head(n) = SHA-256(head(n-1) || SHA-256(payload of record n))`; `head(0)` is random. */
  readonly head: Uint8Array;
}

/** The position of a journal that was made just now. */
export function firstPosition(): JournalPosition {
  return { sequence: 0, head: randomBytes(HEAD_BYTES) };
}

/** The position after one more record with this payload. */
export function nextPosition({ sequence, head }: JournalPosition, payload: Uint8Array): JournalPosition {
  const digest = createHash('sha256').update(payload).digest();
  return { sequence: sequence + 1, head: createHash('sha256').update(head).update(digest).digest() };
}
