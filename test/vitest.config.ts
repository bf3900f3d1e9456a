import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { CountsReporter } from './counts-reporter.ts';
import { DEADLINES } from './kit/deadlines.ts';
import { OWN_MACHINES } from './own-machines.ts';

const report = process.env['FARCALL_TEST_RESULTS'];
const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * What all projects have. Processes that tests start keep what came of reading their code: that halves a
 * start. test/kit/joined-program.ts asks when this run began.
 */
const COMMON = {
  env: {
    NODE_COMPILE_CACHE: join(root, '.cache', 'compile'),
    FARCALL_TEST_BEGAN_MS: String(Date.now()),
  },
  expect: { poll: { timeout: DEADLINES.eventuallyMs } },
  setupFiles: ['test/kit/count-cpu.ts'],
};

/**
 * Five projects by what they need: `unit` needs nothing but Node, `flow` starts real servers and processes on
 * loopback, `browser` a real browser too, `kernel` shares virtual machines, `machines` has its own. Where a
 * process runs several files (`isolate: false`), it loads once what they have in common, and they share
 * servers or machines. test/run.mjs says what runs side by side.
 */
export default defineConfig({
  root,
  test: {
    reporters: report ? ['default', new CountsReporter(report)] : ['default'],
    projects: [
      {
        root,
        test: {
          name: 'unit',
          ...COMMON,
          sequence: { groupOrder: 0 },
          include: ['test/{agent,controller,shared,deploy,docs,house,tools}/**/*.test.ts'],
          exclude: ['test/docs/tutorial.test.ts'],
          testTimeout: DEADLINES.unitMs,
          hookTimeout: DEADLINES.unitMs,
          // vitest itself leaves one processor free, which on two is half of them.
          maxWorkers: availableParallelism(),
          // A process loads what files have in common once: of three seconds for a file, two went into that.
          isolate: false,
        },
      },
      {
        root,
        test: {
          name: 'flow',
          ...COMMON,
          sequence: { groupOrder: 1 },
          include: ['test/{flow,faults,fleet}/**/*.test.ts'],
          pool: 'forks',
          isolate: false,
          // A file waits for its servers and their ticks most of the time, and has them for itself.
          maxWorkers: 3,
          testTimeout: DEADLINES.flowMs,
          hookTimeout: DEADLINES.flowMs,
        },
      },
      {
        root,
        test: {
          name: 'browser',
          ...COMMON,
          sequence: { groupOrder: 4 },
          include: ['test/browser/**/*.test.ts'],
          exclude: [...OWN_MACHINES],
          testTimeout: DEADLINES.flowMs,
          hookTimeout: DEADLINES.flowMs,
          fileParallelism: false,
        },
      },
      {
        root,
        test: {
          name: 'kernel',
          ...COMMON,
          sequence: { groupOrder: 2 },
          include: ['test/kernel/**/*.test.ts'],
          exclude: [...OWN_MACHINES],
          testTimeout: DEADLINES.machinesMs,
          hookTimeout: DEADLINES.machinesMs,
          // One process for all files, so that sharedMachine() boots each kernel once.
          pool: 'forks',
          isolate: false,
          maxWorkers: 1,
          fileParallelism: false,
        },
      },
      {
        root,
        test: {
          name: 'machines',
          ...COMMON,
          sequence: { groupOrder: 3 },
          include: [...OWN_MACHINES],
          testTimeout: DEADLINES.machinesMs,
          hookTimeout: DEADLINES.machinesMs,
          pool: 'forks',
          // One after the other: test/run.mjs says why.
          maxWorkers: 1,
          fileParallelism: false,
        },
      },
    ],
  },
});
