export { HEARTBEAT_INTERVAL_MS, PROGRAM_LIMIT_BYTES } from './limits.ts';
export { type SlidingWindowOptions, slidingWindow } from './sliding-window.ts';
export { type Rate, tokenBucket, tokenBuckets } from './token-bucket.ts';
