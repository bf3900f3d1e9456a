import { expect, test } from 'vitest';
import { ReplyCache } from '../../../../controller/console/web/api/reply-cache.ts';

test('the page keeps at most 50 replies, and drops the one that was written longest ago', () => {
  const cache = new ReplyCache<number>();
  for (let index = 0; index < 50; index++) cache.set(`/api/${index}`, index);
  cache.set('/api/0', 100);
  cache.set('/api/50', 50);
  expect(cache.size).toBe(50);
  expect(cache.get('/api/0')).toBe(100);
  expect(cache.has('/api/1')).toBe(false);
  expect(cache.has('/api/2')).toBe(true);
});
