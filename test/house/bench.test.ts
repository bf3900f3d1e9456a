import { expect, test } from 'vitest';
import { figure, figuresToText } from '../bench/figure.ts';
import { sampleOf } from '../bench/statistics.ts';

test('the median of an odd and an even number of runs', () => {
  expect(sampleOf([5, 1, 3])).toEqual({ runs: 3, min: 1, median: 3, max: 5 });
  expect(sampleOf([4, 1, 3, 2])).toEqual({ runs: 4, min: 1, median: 2.5, max: 4 });
});

test('no run, no figure', () => {
  expect(() => sampleOf([])).toThrow('nothing was measured');
});

test('a table says whether a mark is held, by the median', () => {
  const text = figuresToText([
    figure('fast', [0.1, 0.2, 9], { mark: 0.5 }),
    figure('slow', [2, 3], { mark: 1 }),
  ]);
  expect(text).toMatch(/fast +0\.200 ms +0\.100 to 9\.000 +3 +below 0\.5/);
  expect(text).toMatch(/slow +2\.500 ms +2\.000 to 3\.000 +2 +NOT below 1/);
});
