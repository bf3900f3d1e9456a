import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { DEADLINES } from '../kit/deadlines.ts';
import { ROOM, ROOMS } from './rooms.ts';

/** The tests that hold one room; see stryker.config.mjs. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: (ROOMS[ROOM] ?? []).map(folder => `${folder}/**/*.test.ts`),
    expect: { poll: { timeout: DEADLINES.eventuallyMs } },
    testTimeout: DEADLINES.unitMs,
    hookTimeout: DEADLINES.unitMs,
    isolate: false,
  },
});
