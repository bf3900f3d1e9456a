/** Longest call program, in bytes of UTF-8. */
export const PROGRAM_LIMIT_BYTES = 64 << 10;

/** How often a host sends a heartbeat. One that was not heard of for three of these in a row is silent. */
export const HEARTBEAT_INTERVAL_MS = 20_000;
