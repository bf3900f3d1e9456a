import { afterAll, describe, expect, test } from 'vitest';
import { verifyIr } from '../../../agent/compiler/ir/index.ts';
import { GccKernel, hasGcc } from './support/gcc-kernel.ts';
import { randomPrograms } from './support/random-program.ts';

const SEEDS = (process.env['FARCALL_SEEDS'] ?? '1,2,3').split(',').map(Number);
const PROGRAMS = 100;

describe.skipIf(!hasGcc).each(SEEDS)(
  'random programs do what gcc makes of them, seed %d (skipped without gcc on x86-64)',
  seed => {
    const { c, bodies } = randomPrograms(seed, { count: PROGRAMS });
    const kernel = hasGcc ? new GccKernel(c) : undefined!;
    afterAll(() => kernel?.close());

    test(`${PROGRAMS} programs`, () => {
      const ours = kernel.run(bodies);
      const theirs = kernel.run(bodies.map((_, index) => `g${index}()`));
      const rows = bodies.map((body, index) => ({ body, ours: ours[index]!.end, gcc: theirs[index]!.end }));
      expect(rows.filter(row => JSON.stringify(row.ours) !== JSON.stringify(row.gcc))).toEqual([]);
      expect(ours.map(({ status }) => status)).toEqual(bodies.map(() => 0));
    });

    test('their IR is well formed', () => {
      for (const body of bodies) verifyIr(kernel.compiler.compile(body, 'farcall_test').ir);
    });
  },
);
