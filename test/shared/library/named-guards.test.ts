import { expect, test } from 'vitest';
import { LOCK_KINDS } from '../../../agent/compiler/check/names/lock-kinds.ts';
import { libraryHeaders } from '../../../shared/assets/index.ts';

const GUARDS = new Set(['rcu', ...LOCK_KINDS.map(({ name }) => name)]);

const named = Array.from(libraryHeaders()).flatMap(([header, text]) =>
  [...text.matchAll(/\b(?:scoped_(?:cond_)?)?guard\((\w+)/g)].map(([, name]) => ({ header, name: name! })),
);

test('every guard that the library names is there', () => {
  expect(named.filter(({ name }) => !GUARDS.has(name))).toEqual([]);
});

test.each(['linux/spinlock.h', 'linux/preempt.h'])('%s says which guards do what it has', header => {
  expect(named.filter(each => each.header === header).length).toBeGreaterThan(3);
});
