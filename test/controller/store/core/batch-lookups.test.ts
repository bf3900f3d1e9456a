import { expect, test } from 'vitest';
import { batchLookups } from '../../../../controller/store/core/index.ts';

test('look-ups of one moment are one query, even if a key is asked for twice', async () => {
  const queries: (readonly string[])[] = [];
  const find = batchLookups(async keys => {
    queries.push(keys);
    return new Map(keys.filter(key => key !== 'nobody').map(key => [key, `value of ${key}`]));
  });
  expect(await Promise.all([find('a'), find('b'), find('a'), find('nobody')])).toEqual([
    'value of a',
    'value of b',
    'value of a',
    undefined,
  ]);
  expect(await find('a')).toBe('value of a');
  expect(queries).toEqual([['a', 'b', 'nobody'], ['a']]);
});

test('more keys than fit into one query are several queries', async () => {
  const sizes: number[] = [];
  const find = batchLookups(async keys => {
    sizes.push(keys.length);
    return new Map(keys.map(key => [key, key]));
  });
  const keys = Array.from({ length: 600 }, (_, index) => `k${index}`);
  expect(await Promise.all(keys.map(find))).toEqual(keys);
  expect(sizes).toEqual([256, 256, 88]);
});

test('an error reaches every caller, and the next moment is a new query', async () => {
  let broken = true;
  const find = batchLookups(async keys => {
    if (broken) throw new Error('away');
    return new Map(keys.map(key => [key, key]));
  });
  const both = await Promise.allSettled([find('a'), find('b')]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  broken = false;
  expect(await find('a')).toBe('a');
});
