import fc from 'fast-check';
import { expect, test } from 'vitest';
import { C_PROGRAMS } from '../support/c-programs.ts';
import { SAMPLE_PROGRAMS } from '../support/sample-programs.ts';
import { compileWithLibrary } from './compile-with-library.ts';
import { IDENTIFIERS } from './identifiers.ts';
import { recordedKernels } from './recorded-kernels.ts';

const KERNELS = recordedKernels().filter(([name]) => /^(5\.10|7\.2)-/.test(name));

const CORPUS = [
  ...IDENTIFIERS.map(({ program }) => program),
  ...SAMPLE_PROGRAMS,
  ...C_PROGRAMS.map(([program]) => program),
];

const TOKEN = /\s+|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\w+|->|\+\+|--|<<|>>|&&|\|\||[=!<>]=|\.\.\.|##|./gsu;

const tokensOf = (program: string): string[] => program.match(TOKEN) ?? [];

/** What programs of the corpus have, and what other languages have. */
const TOKENS = [...new Set(CORPUS.flatMap(tokensOf))];
const NOISE = [
  ...[
    'def',
    'fn',
    'let',
    'var',
    'in',
    'elif',
    '=>',
    '::',
    '$1',
    '`',
    '#',
    '##',
    '@',
    '\\',
    '…',
    '\u202e',
    '"',
    "'",
  ],
  ...[
    '/*',
    '*/',
    '//',
    '\n',
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ';',
    '1e9',
    '0x',
    '08',
    '~0UL',
    '-1',
    'NULL',
    'asm',
  ],
  ...[
    '\n#define X(',
    '\n#if ',
    '\n#endif\n',
    '__VA_ARGS__',
    'sizeof',
    'typeof',
    '_Generic',
    'goto',
    'case',
    'static',
  ],
  ...[
    '__attribute__((',
    'guard(mutex)',
    'watch (',
    'for_each_task (t)',
    'container_of',
    'struct',
    'union',
    'enum',
  ],
];

const PLACE = fc.nat({ max: 9_999 });
const CHANGE = fc.oneof(
  fc.record({ kind: fc.constant('delete' as const), at: PLACE, count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('swap' as const), at: PLACE, with: PLACE }),
  fc.record({
    kind: fc.constant('copy' as const),
    at: PLACE,
    from: PLACE,
    count: fc.integer({ min: 1, max: 12 }),
  }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: PLACE,
    token: fc.oneof(fc.constantFrom(...TOKENS), fc.constantFrom(...NOISE)),
  }),
);
type Change = typeof CHANGE extends fc.Arbitrary<infer T> ? T : never;

function changed(tokens: string[], change: Change): string[] {
  const place = (at: number): number => (tokens.length === 0 ? 0 : at % tokens.length);
  const at = place(change.at);
  switch (change.kind) {
    case 'delete':
      return tokens.toSpliced(at, change.count);
    case 'swap': {
      const other = place(change.with);
      return tokens.map(
        (token, index) => tokens[index === at ? other : index === other ? at : index] ?? token,
      );
    }
    case 'copy': {
      const from = place(change.from);
      return tokens.toSpliced(at, 0, ...tokens.slice(from, from + change.count));
    }
    case 'insert':
      return tokens.toSpliced(at, 0, change.token);
  }
}

const WRONG = fc
  .tuple(fc.constantFrom(...CORPUS), fc.array(CHANGE, { minLength: 1, maxLength: 6 }))
  .map(([program, changes]) => changes.reduce(changed, tokensOf(program)).join(''));

test('a valid program with tokens changed, left out or put in is compiled, or refused with a place', async ({
  annotate,
}) => {
  let slowest = { ms: 0, program: '' };
  fc.assert(
    fc.property(fc.constantFrom(...KERNELS), WRONG, ([, compiler], program) => {
      // Time on the processor: a busy machine makes nothing slow.
      const start = process.cpuUsage();
      const error = compileWithLibrary(compiler, program);
      const { user, system } = process.cpuUsage(start);
      const ms = (user + system) / 1000;
      if (ms > slowest.ms) slowest = { ms, program };
      if (!error || error.code === 'KERNEL_LACKS' || error.code === 'PROGRAM_TOO_LARGE') return;
      expect(error.code, error.message).toMatch(/^(PROGRAM|SYMBOL)_/);
      expect(error.location, error.message).toBeDefined();
      expect(error.location!.column).toBeGreaterThanOrEqual(1);
      expect(error.message).toMatch(/^([\w/.-]+, )?line \d+, column \d+: /);
    }),
    { seed: 17, numRuns: 3000 },
  );
  await annotate(`the slowest took ${slowest.ms.toFixed(1)} ms: ${slowest.program.slice(0, 200)}`);
});
