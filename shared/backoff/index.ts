export { type Backoff, backoffMs, spreadMs } from './backoff.ts';
