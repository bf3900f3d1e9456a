import { describe, expect, it } from 'vitest';
import { createChangeFeed } from '../../../../controller/store/core/index.ts';

describe('a change feed', () => {
  const signal = new AbortController().signal;

  it('a change feed wakes those who wait for this request', async () => {
    const feed = createChangeFeed();
    const listener = feed.listen('aaaa');
    const next = listener.next(signal);
    feed.notify('bbbb');
    feed.notify('aaaa');
    expect(await next).toBe(true);
  });

  it('a change feed remembers a change between two waits', async () => {
    const feed = createChangeFeed();
    const listener = feed.listen('aaaa');
    feed.notify('aaaa');
    feed.notify('aaaa');
    expect(await listener.next(signal)).toBe(true);
  });

  it('a change feed ends the wait of a caller that goes away', async () => {
    const listener = createChangeFeed().listen('aaaa');
    const gone = new AbortController();
    const next = listener.next(gone.signal);
    gone.abort();
    expect(await next).toBe(false);
  });

  it('a change feed takes any name, even those that objects have', () => {
    expect(() => createChangeFeed().notify('error')).not.toThrow();
  });
});
