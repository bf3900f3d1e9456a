/**
 * The letter of each bit of /proc/sys/kernel/tainted, from bit 0 on
 * (Documentation/admin-guide/tainted-kernels.rst, v6.14).
 */
const LETTERS = 'PFSRMBUDAWCIOELKXTNJ';

/** Bits of the kernel's taint that this program names. */
export const TAINT = {
  /** D: the kernel died, in an oops or a BUG. */
  DIE: 2 ** 7,
  /** W: it warned. */
  WARN: 2 ** 9,
  /** O: a module from outside of its tree was loaded. */
  OOT_MODULE: 2 ** 12,
  /** E: an unsigned module was loaded. */
  UNSIGNED_MODULE: 2 ** 13,
} as const;

/** `taint` as the kernel's own messages write it, `DOE`; bits that have no letter yet stand as `bit 20`. */
export function taintLetters(taint: number): string {
  const bits = Array.from({ length: 53 }, (_, bit) => bit).filter(
    bit => Math.floor(taint / 2 ** bit) % 2 === 1,
  );
  const known = bits.filter(bit => bit < LETTERS.length).map(bit => LETTERS[bit]);
  const others = bits.filter(bit => bit >= LETTERS.length).map(bit => `bit ${bit}`);
  return [known.join(''), ...others].filter(Boolean).join(' ');
}
