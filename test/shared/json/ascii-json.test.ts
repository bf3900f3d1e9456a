import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asciiJson } from '../../../shared/json/index.ts';

test('anything comes back from it, and it is printable ASCII', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), value => {
      const text = asciiJson(value);
      expect(text).toMatch(/^[ -~]*$/);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { seed: 1 },
  );
});

test('control characters of a terminal are escaped', () => {
  expect(asciiJson({ string: '\u009b2J\u202e\u{1f600}' })).toBe(
    '{"string":"\\u009b2J\\u202e\\ud83d\\ude00"}',
  );
});
