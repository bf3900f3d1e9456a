import { afterAll } from 'vitest';
import { cpuSecondsOf } from './cpu-seconds.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** CPU seconds of a test file and of all that it started. */
    cpuSeconds?: number;
  }
}

// A process that runs one file only counts from its start; one that runs several, from where the last one
// ended.
const COUNTED = Symbol.for('farcall.test.cpu-seconds');
const holder = globalThis as typeof globalThis & { [COUNTED]?: number };

// Registered before any hook of the file, so that it runs after all of them.
// biome-ignore lint/correctness/noEmptyPattern: vitest wants a pattern here
afterAll(({}, suite) => {
  const now = cpuSecondsOf(process.pid);
  const file = suite.file;
  file.meta.cpuSeconds = now - (holder[COUNTED] ?? 0);
  holder[COUNTED] = now;
});
