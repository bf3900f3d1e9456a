/** Longest symbol name that is taken; the kernel's own limit is KSYM_NAME_LEN, 512 since 6.1. */
export const NAME_MAX_BYTES = 1024;

/** Whether `name` can be a symbol's: printable, without blanks, not too long. */
export function isSymbolName(name: string): boolean {
  return name.length < NAME_MAX_BYTES && /^[!-~]+$/.test(name);
}
