import { expect, test } from 'vitest';
import { StringIndex } from '../../../../agent/compiler/btf/string-index.ts';

test('a string that stands twice is found where it stands first, as without an index', () => {
  const bytes = Buffer.from('\0idr_rt\0idr\0b\0idr\0');
  const index = new StringIndex(bytes, 0, bytes.length);
  expect(['idr', 'b', 'idr_rt', 'rt', 'nothing'].map(name => index.find(name))).toEqual([
    bytes.indexOf('\0idr\0') + 1,
    bytes.indexOf('\0b\0') + 1,
    1,
    undefined,
    undefined,
  ]);
});
