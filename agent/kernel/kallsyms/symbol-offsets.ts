import { toAddress, viewOf } from '../kcore/index.ts';

/** How `kallsyms_offsets` encodes addresses. */
export type OffsetEncoding = 'absolute-percpu' | 'base-relative' | 'place-relative';

/** The bases from which an address is computed. */
export interface OffsetBases {
  /** The address of `kallsyms_offsets` itself. */
  readonly tableAddress: bigint;
  /** The value of `kallsyms_relative_base`; undefined on kernels that no longer have it. */
  readonly relativeBase: bigint | undefined;
}

/**
 * The address for the entry `offset` (signed) at `index`:
 *
 * - `place-relative` (7.0 on, no relative base): counted from where the entry stands;
 * - `absolute-percpu` (CONFIG_KALLSYMS_ABSOLUTE_PERCPU, x86 up to 6.14): from 0 on the value itself, a
 *   per-CPU offset; below 0 counted down from the base less one;
 * - `base-relative` (all others): unsigned, counted up from the base.
 *
 * All three are kernel/kallsyms.c, kallsyms_sym_address.
 */
export function decodeOffset(
  encoding: OffsetEncoding,
  bases: OffsetBases,
  index: number,
  offset: number,
): bigint {
  const base = bases.relativeBase ?? 0n;
  switch (encoding) {
    case 'place-relative':
      return toAddress(bases.tableAddress + 4n * BigInt(index) + BigInt(offset));
    case 'absolute-percpu':
      return offset >= 0 ? BigInt(offset) : toAddress(base - 1n - BigInt(offset));
    case 'base-relative':
      return toAddress(base + BigInt(offset >>> 0));
  }
}

/**
 * Which encoding gives entry `index` the address `expected`, which is known from VMCOREINFO; undefined if
 * none does. The kernel does not tell how it was configured, so each encoding is tried.
 */
export function detectEncoding(
  offsets: Uint8Array,
  bases: OffsetBases,
  index: number,
  expected: bigint,
): OffsetEncoding | undefined {
  const offset = viewOf(offsets).getInt32(4 * index, true);
  const candidates: readonly OffsetEncoding[] =
    bases.relativeBase === undefined ? ['place-relative'] : ['absolute-percpu', 'base-relative'];
  return candidates.find(encoding => decodeOffset(encoding, bases, index, offset) === expected);
}
