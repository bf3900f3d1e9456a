import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parameterValues, parameterValuesText } from '../../../shared/library/index.ts';

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/);
const value = fc.string({ unit: 'grapheme', maxLength: 40 });

test('values of parameters come back from their text as they were, whatever they hold', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, minLength: 1, maxLength: 8 }),
      all => {
        const values = new Map(all);
        expect(new Map(parameterValues(parameterValuesText(values)))).toEqual(values);
      },
    ),
  );
});

test('no text that differs from the one for its values is read, whatever bytes it has', () => {
  const nearly = fc.tuple(
    fc.constant('{"A":"1","B":"2"}'),
    fc.nat(16),
    fc.constantFrom('', ' ', '"', '0', '{', 'x', '\\u0031', ','),
    fc.nat(2),
  );
  fc.assert(
    fc.property(nearly, ([text, at, put, cut]) => {
      const changed = text.slice(0, at) + put + text.slice(at + cut);
      const read = parameterValues(changed);
      if (read) expect(parameterValuesText(read)).toBe(changed);
    }),
    { numRuns: 500 },
  );
});

test.each([
  '',
  '{}',
  '[]',
  'null',
  '{"A":1}',
  '{ "A":"1"}',
  '{"A":"\\u0041"}',
  '{"B":"1","A":"2"}',
  '{"A":"1","A":"2"}',
  '{"1A":"1"}',
  '{"__proto__":"1"}'.replace('__proto__', 'a b'),
  '{"A":"\\ud800"}',
  `{"A":"${'x'.repeat(9000)}"}`,
  `{${Array.from({ length: 33 }, (_, at) => `"A${String(at).padStart(2, '0')}":"1"`).join(',')}}`,
])('the text %s holds no values of parameters', text => {
  expect(parameterValues(text)).toBeUndefined();
});
