/**
 * What a deny keeps in the memory of its module, in its order: u64 each, then the callers. Agents read it.
 * `until` counts nanoseconds since the boot, time asleep included. `placed` is 1 where the function is
 * denied: that of a module is not while the module is not loaded. `error` is what the kernel last answered to
 * the probe.
 */
export const DENY_STATE = { hits: 0, abandoned: 8, until: 16, placed: 24, error: 32, callers: 40 } as const;

/** How many of those that were denied last are kept. */
export const DENIED_CALLERS = 16;

/**
 * One of them. `number` is its hit, from 1, and 0 while the place is written again; `atNs` is on the clock of
 * `until`.
 */
export const DENIED_CALLER = { number: 0, atNs: 8, pid: 16, tgid: 20, uid: 24, comm: 32 } as const;

/** Bytes of a caller. */
export const DENIED_CALLER_BYTES = 48;

/** Bytes of the whole state. */
export const DENY_STATE_BYTES = DENY_STATE.callers + DENIED_CALLERS * DENIED_CALLER_BYTES;
