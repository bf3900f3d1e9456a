import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Prelude } from '../../../../agent/compiler/index.ts';
import { failureOf, guarded } from '../support/guarded.ts';
import { smallKernel } from '../support/small-kernel.ts';

const { compiler } = smallKernel();
const PRELUDE = new Prelude(
  [
    '// constants',
    '#define ONE 1',
    '# define TWO (ONE + \\',
    '  ONE)',
    '#define LOOP LOOP',
    '#define U8 u8',
  ].join('\n'),
);

describe('what a program uses of a prelude stands before it', () => {
  test.each([
    ['get_int()', 'get_int()'],
    ['take_u8(ONE)', '#define ONE 1\ntake_u8(ONE)'],
    ['take_u8(TWO)', '#define ONE 1\n# define TWO (ONE + \\\n  ONE)\ntake_u8(TWO)'],
    ['#define TWO 3\ntake_u8(TWO)', '#define TWO 3\ntake_u8(TWO)'],
    [
      '#define MINE TWO\n#define ONE 7\ntake_u8(MINE)',
      '# define TWO (ONE + \\\n  ONE)\n#define MINE TWO\n#define ONE 7\ntake_u8(MINE)',
    ],
    ['(U8)get_int() // ONE', '#define U8 u8\n(U8)get_int() // ONE'],
    ['take_string("ONE")', 'take_string("ONE")'],
  ])('the program %j gets the definitions that it uses', (program, whole) => {
    const applied = PRELUDE.applyTo(program);
    expect(applied).toBe(whole);
    expect(compiler.compile(applied, 'farcall_test').image.length).toBeGreaterThan(0);
    expect(PRELUDE.applyTo(applied)).toBe(applied);
  });

  test('a definition of itself stays the name', () => {
    expect(failureOf(() => compiler.compile(PRELUDE.applyTo('LOOP'), 'farcall_test')).message).toMatch(
      /no function, enumerator or symbol 'LOOP'/,
    );
  });
});

test('any text is a prelude or an error', () => {
  const piece = fc.constantFrom(
    '#',
    'define',
    ' ',
    '\n',
    'A',
    'B',
    '(',
    ')',
    '1',
    '"',
    '\\\n',
    '/*',
    '*/',
    '//',
    '@',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.array(piece, { maxLength: 20 }), (one, other) => {
      const { value } = guarded(() => new Prelude(one.join('')));
      if (value) guarded(() => value.applyTo(other.join('')));
    }),
    { seed: 4, numRuns: 3000 },
  );
});
