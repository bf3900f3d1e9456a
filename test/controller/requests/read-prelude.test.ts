import { expect, test } from 'vitest';
import { readPrelude } from '../../../controller/requests/index.ts';
import { withFile } from '../../agent/compiler/support/disassemble.ts';

test('without a configured prelude there is none', () => {
  expect(readPrelude(undefined)).toBeUndefined();
});

test('a prelude is read from a file of definitions', () => {
  const prelude = withFile(Buffer.from('/* flags */\n#define GFP_KERNEL 0xcc0\n'), readPrelude);
  expect(prelude?.applyTo('kmalloc(8, GFP_KERNEL)')).toBe('#define GFP_KERNEL 0xcc0\nkmalloc(8, GFP_KERNEL)');
});

test.each([['int x;', /the prelude .*line 1, column 1: a prelude can hold only #define lines and comments/]])(
  'the prelude %j is refused by name and location',
  (text, message) => {
    expect(() => withFile(Buffer.from(text), readPrelude)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
    );
  },
);

test('a prelude file that is not there is refused', () => {
  expect(() => readPrelude('/nowhere/kernel.h')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});
