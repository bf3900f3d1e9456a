/**
 * The memory that a program reads. What is behind it (a kernel, a dump, a test) is no business of the
 * interpreter.
 */
export interface Memory {
  /**
   * Copies `bytes` bytes from `address` (unsigned, 64 bits) to `to` at `offset`; false where not all of them
   * are there, and then `to` may hold anything. Never throws for an address.
   */
  copy(address: bigint, to: Uint8Array, offset: number, bytes: number): boolean;
  /**
   * The same for a whole page of 4,096 bytes, by its number: its address without the last 12 bits. Absent
   * where it would save nothing.
   */
  copyPage?(number: number, to: Uint8Array, offset: number): boolean;
  /** Forgets what it may remember: what is read next is read again. */
  refresh(): void;
}
