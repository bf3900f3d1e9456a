import fc from 'fast-check';
import { expect, test } from 'vitest';
import { preprocess } from '../../../../agent/compiler/preprocessor/index.ts';
import { withLibrary } from '../../../../shared/library/index.ts';
import { guarded } from '../support/guarded.ts';

const PIECES = [
  ...[
    '#define F(x) ',
    '#define G(x, ...) ',
    '#define A ',
    '#undef A\n',
    '#undef F\n',
    '\n',
    '\n',
    ' ',
    '\\\n',
  ],
  ...['#if ', '#ifdef A\n', '#ifndef A\n', '#elif ', '#else\n', '#endif\n', '#error x\n', '#include <a.h>\n'],
  ...['F', 'G', 'A', 'x', 'F(', 'G(', '(', ')', ',', '#', '##', '# ', ' ## ', '__VA_ARGS__', '__VA_OPT__('],
  ...['1', '0', '+', '-', '!', '&&', '||', '/', '<<', '?', ':', 'defined ', 'defined(A)', '__LINE__', '@'],
  ...[
    '__has_symbol(x)',
    '__has_member(',
    'LINUX_VERSION_CODE',
    '"s"',
    "'c'",
    '"',
    "'",
    '//',
    '/*',
    '*/',
    '\u202e',
  ],
];

const LIBRARY = '/* farcall library: a.h */\n#define F(x) x x\n#if A\nA\n#endif\n#include <a.h>\n';

test('any text is preprocessed, or refused with a code', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }), pieces => {
      const { value, error } = guarded(() =>
        preprocess(withLibrary({ library: LIBRARY, program: pieces.join('') })),
      );
      if (error) expect(error.code, error.message).toMatch(/^PROGRAM_/);
      else expect(value?.tokens.at(-1)?.kind).toBe('end');
    }),
    { seed: 17, numRuns: 5000 },
  );
});
