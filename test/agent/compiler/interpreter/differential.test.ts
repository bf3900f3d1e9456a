import { afterAll, describe, expect, test } from 'vitest';
import { interpret } from '../../../../agent/compiler/interpreter/index.ts';
import { GccKernel, hasGcc } from '../support/gcc-kernel.ts';
import { randomPrograms } from '../support/random-program.ts';
import { runToEnd } from '../support/run-to-end.ts';

const SEEDS = (process.env['FARCALL_SEEDS'] ?? '11,12').split(',').map(Number);
const PROGRAMS = 1000;
/** Programs that the runner takes at once. */
const BATCH = 250;

describe.skipIf(!hasGcc).each(SEEDS)(
  'random programs, interpreted and as machine code, seed %d (skipped without gcc on x86-64)',
  seed => {
    const { c, bodies } = randomPrograms(seed, { count: PROGRAMS, local: true });
    const kernel = hasGcc ? new GccKernel(c) : undefined!;
    afterAll(() => kernel?.close());

    test(`${PROGRAMS} programs leave the same result area`, { timeout: 120_000 }, () => {
      const memory = kernel.memory();
      const different: unknown[] = [];
      const values = new Set<string>();
      for (let first = 0; first < bodies.length; first += BATCH) {
        const batch = bodies.slice(first, first + BATCH);
        for (const [index, { area, status }] of kernel.run(batch).entries()) {
          const body = batch[index]!;
          const { ir, effect } = kernel.compiler.compile(body, 'farcall_test');
          expect([effect, status], body).toEqual(['read', 0]);
          const ours = Buffer.from(runToEnd(interpret(ir, memory)));
          if (!ours.equals(area))
            different.push({ body, ours: ours.toString('hex'), code: area.toString('hex') });
          values.add(area.toString('hex'));
        }
      }
      expect(different).toEqual([]);
      expect(values.size).toBeGreaterThan(PROGRAMS * 0.9);
    });
  },
);
