import { afterAll, describe, expect, test } from 'vitest';
import { verifyIr } from '../../../../agent/compiler/ir/index.ts';
import { GccKernel } from '../support/gcc-kernel.ts';
import { randomPrograms } from '../support/random-program.ts';
import { canBuild, TEST_CPUS } from '../support/test-cpus.ts';

const SEEDS = (process.env['FARCALL_SEEDS'] ?? '1,2,3').split(',').map(Number);
const PROGRAMS = 100;
const CASES = TEST_CPUS.flatMap(cpu => SEEDS.map(seed => ({ arch: cpu.arch, cpu, seed })));

describe.each(CASES)('$arch: random programs do what gcc makes of them, seed $seed', ({ cpu, seed }) => {
  const { c, bodies } = randomPrograms(seed, { count: PROGRAMS });
  const kernel = canBuild(cpu) ? new GccKernel(cpu, c) : undefined!;
  afterAll(() => kernel?.close());

  test.skipIf(!kernel)(
    `${PROGRAMS} programs return the same (skipped without gcc, and qemu-user for other CPUs)`,
    () => {
      const ours = kernel.run(bodies);
      const theirs = kernel.run(bodies.map((_, index) => `g${index}()`));
      const rows = bodies.map((body, index) => ({ body, ours: ours[index]!.end, gcc: theirs[index]!.end }));
      expect(rows.filter(row => JSON.stringify(row.ours) !== JSON.stringify(row.gcc))).toEqual([]);
      expect(ours.map(({ status }) => status)).toEqual(bodies.map(() => 0));
    },
  );

  test.skipIf(!kernel)('the IR of random programs is well formed', () => {
    for (const body of bodies) verifyIr(kernel.compiler.compile(body, 'farcall_test').ir);
  });
});
