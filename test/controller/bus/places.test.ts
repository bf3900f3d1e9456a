import { expect, test } from 'vitest';
import { Places } from '../../../controller/bus/places.ts';

test('lets so many in at a time, in the order of coming', async () => {
  const places = new Places(2);
  const inside: number[] = [];
  const all = [0, 1, 2, 3].map(async number => {
    await places.take();
    inside.push(number);
  });
  await Promise.all(all.slice(0, 2));
  expect(inside).toEqual([0, 1]);
  places.free();
  await all[2];
  expect(inside).toEqual([0, 1, 2]);
  places.free();
  await all[3];
  let isEmpty = false;
  const empty = places.allFree().then(() => {
    isEmpty = true;
  });
  places.free();
  await Promise.resolve();
  expect(isEmpty).toBe(false);
  places.free();
  await empty;
  await places.allFree();
});
