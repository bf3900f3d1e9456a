import { afterAll, describe, expect, test } from 'vitest';
import { interpret } from '../../../../agent/compiler/interpreter/index.ts';
import { GccKernel } from '../support/gcc-kernel.ts';
import { randomPrograms } from '../support/random-program.ts';
import { interpretToEnd } from '../support/run-to-end.ts';
import { canBuild, TEST_CPUS } from '../support/test-cpus.ts';

const SEEDS = (process.env['FARCALL_SEEDS'] ?? '11,12').split(',').map(Number);
/** Programs that the runner takes at once. */
const BATCH = 250;
const CASES = TEST_CPUS.filter(canBuild).flatMap(cpu => {
  // An emulator is slow.
  const [seeds, count] = cpu.emulator.length > 0 ? [SEEDS.slice(0, 1), 250] : [SEEDS, 1000];
  return seeds.map(seed => ({ arch: cpu.arch, cpu, seed, count }));
});

describe.each(CASES)(
  '$arch: random programs, interpreted and as machine code, seed $seed',
  ({ cpu, seed, count }) => {
    const { c, bodies } = randomPrograms(seed, { count, local: true });
    const kernel = new GccKernel(cpu, c);
    afterAll(() => kernel.close());

    test(`${count} programs leave the same result area`, () => {
      const memory = kernel.memory();
      const different: unknown[] = [];
      const values = new Set<string>();
      for (let first = 0; first < bodies.length; first += BATCH) {
        const batch = bodies.slice(first, first + BATCH);
        for (const [index, { area, status }] of kernel.run(batch).entries()) {
          const body = batch[index]!;
          const { ir, effect } = kernel.compiler.compile(body, 'farcall_test');
          expect([effect, status], body).toEqual(['read', 0]);
          const ours = Buffer.from(interpretToEnd(interpret(ir, memory)));
          if (!ours.equals(area))
            different.push({ body, ours: ours.toString('hex'), code: area.toString('hex') });
          values.add(area.toString('hex'));
        }
      }
      expect(different).toEqual([]);
      expect(values.size).toBeGreaterThan(count * 0.9);
    });
  },
);
