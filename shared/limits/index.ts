export { HOST_BUDGETS, HOST_PAYLOAD_BYTES, type HostBudget } from './host-budgets.ts';
export { HEARTBEAT_INTERVAL_MS, LIBRARY_LIMIT_BYTES, PROGRAM_LIMIT_BYTES } from './limits.ts';
export { type SlidingWindowOptions, slidingWindow } from './sliding-window.ts';
export { keyedBuckets, pacer, type Rate, tokenBucket, tokenBuckets } from './token-bucket.ts';
