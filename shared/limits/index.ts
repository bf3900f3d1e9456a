/** Longest call program, in bytes of UTF-8. */
export const PROGRAM_LIMIT_BYTES = 64 << 10;
