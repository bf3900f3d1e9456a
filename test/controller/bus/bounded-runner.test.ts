import { expect, test } from 'vitest';
import { boundedRunner } from '../../../controller/bus/bounded-runner.ts';

test('a bounded runner begins work in order, a fixed number at a time, and says when all of it is done', async () => {
  const runner = boundedRunner(2);
  const begun: number[] = [];
  const work = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  const starts = work.map(({ promise }, number) =>
    runner.begin(() => {
      begun.push(number);
      return promise;
    }),
  );
  await Promise.all(starts.slice(0, 2));
  expect(begun).toEqual([0, 1]);
  work[0]!.resolve();
  await starts[2];
  expect(begun).toEqual([0, 1, 2]);
  work[1]!.resolve();
  await starts[3];
  expect(begun).toEqual([0, 1, 2, 3]);
  let isIdle = false;
  const idle = runner.idle().then(() => {
    isIdle = true;
  });
  work[3]!.resolve();
  await work[3]!.promise;
  expect(isIdle).toBe(false);
  work[2]!.resolve();
  await idle;
  await runner.idle();
});
