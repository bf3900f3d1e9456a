/** Longest call program, in bytes of UTF-8. */
export const PROGRAM_LIMIT_BYTES = 64 << 10;

/** Longest part of the library that goes with a call program, in bytes of UTF-8. */
export const LIBRARY_LIMIT_BYTES = 64 << 10;

/** How often a host sends a heartbeat. A host whose last three are missing is silent. */
export const HEARTBEAT_INTERVAL_MS = 20_000;
