import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CompiledModule } from '../../../../agent/compiler/index.ts';
import { PROGRAM_LIMIT_BYTES } from '../../../../shared/limits/index.ts';
import { guarded } from '../support/guarded.ts';
import { smallKernel } from '../support/small-kernel.ts';

const { compiler } = smallKernel();

/** What the message of an error may be at most; it goes into logs, tables and terminals. */
const MESSAGE_LIMIT = 2000;

/**
 * Compiles what an attacker wrote: the result, or nothing where it was refused in the way that it must be.
 */
function attempt(program: string): CompiledModule | undefined {
  const { value, error } = guarded(() => compiler.compile(program, 'farcall_test'));
  if (!error) return value;
  expect(error.code, error.message).toMatch(/^(PROGRAM|SYMBOL)_/);
  expect(error.message.length).toBeLessThan(MESSAGE_LIMIT);
  expect(error.message).not.toMatch(/[^\n\P{Cc}]|[\u2028-\u202e\u2066-\u2069]/u);
  expect(error.message.isWellFormed()).toBe(true);
  if (error.code === 'PROGRAM_TOO_LARGE') return undefined;
  const lines = program.split('\n');
  const { line, column } = error.location!;
  expect(column).toBeGreaterThanOrEqual(1);
  expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
  return undefined;
}

const TOKENS = [
  ...['0', '1', '2u', '0x7fffffff', '0xffffffffffffffff', '9223372036854775807', '017', "0b1'0", "'a'"],
  ...[
    "'\\xff'",
    '"text"',
    '"\\x00\\n%s"',
    '""',
    "0x'",
    "1'",
    '08',
    '1.5',
    '1e3',
    '0x',
    '5lul',
    "'ab'",
    '"\\',
  ],
  ...['(', ')', '(', ')', ',', ';', '?', ':', '[', ']', '{', '}', '.', '->', '...', '@', '#', '\\', '`'],
  ...['+', '-', '*', '/', '%', '<<', '>>', '<', '>', '<=', '>=', '==', '!=', '&', '|', '^', '&&', '||'],
  ...[
    '=',
    '+=',
    '-=',
    '++',
    '--',
    '~',
    '!',
    '//',
    '/*',
    '*/',
    '\n',
    '\t',
    '\r',
    '\f',
    '\0',
    '\u001b',
    '\u202e',
  ],
  ...[
    'int',
    'unsigned',
    'long',
    'char',
    'short',
    'void',
    'bool',
    'const',
    'volatile',
    'struct',
    'union',
    'enum',
  ],
  ...['sizeof', 'u8', 'size_t', 'task_struct', 'pair', 'color', 'RED', 'WIDE', 'NULL', 'true', 'init_task'],
  ...['_printk', 'get_int', 'get_int()', 'get_u8()', 'get_bool()', 'get_task()', 'get_pair()', 'nothing()'],
  ...['take_u8', 'take_u8(', 'take_color(', 'take_void(', 'take_string(', 'take_pair(', 'eight(', 'untyped'],
  ...[
    'twice()',
    'early()',
    'cloned(1)',
    'inlined_away()',
    'no_such',
    '__proto__',
    'constructor',
    'return',
    'if',
  ],
  ...[
    'switch',
    'case',
    'default:',
    'goto',
    'x:',
    'static',
    'typedef',
    'struct {',
    '#define',
    '({',
    '})',
    'cmpxchg(',
  ],
  ...['\u00e9', '\ud800', '\udc00', '\u{1f600}', '\u0000', '\u007f', '\u0085', '\u2028', '\ufeff', '\ufffd'],
];

const PROGRAMS = [
  '_printk("Hello, %s: %d\\n", "world", 1234)',
  'eight(1, 2, 3, 4, 5, 6, 7, get_long() * 2 + get_int())',
  'get_int() && get_long() || !get_bool() ? take_u8(get_u8() >> 1) : (int)sizeof(struct pair)',
  'take_string((const char *)get_task() + 8) / (get_int() % 7) - ~get_uint() << 3',
  'nothing(), take_task(get_task()), take_color(get_int() ? RED : BLUE);',
  '(unsigned char)get_int() == get_u8() /* no */ ^ (get_task() - get_task()) // end',
  'take_void(&init_task + (long)"x")',
];

describe('a program is compiled, or refused with a code and a location', () => {
  test('every token is tried alone, twice, and instead of an argument', () => {
    for (const token of TOKENS) {
      for (const program of [
        token,
        `${token}${token}`,
        `take_u8(${token})`,
        `${token}1`,
        `get_int() ${token} 1`,
      ])
        attempt(program);
    }
  });

  test('each token is tried in pairs with every fourth', () => {
    for (const [index, first] of TOKENS.entries()) {
      for (let other = index % 4; other < TOKENS.length; other += 4) attempt(`${first} ${TOKENS[other]}`);
    }
  });

  test('any sequence of tokens is compiled or refused', () => {
    let compiled = 0;
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...TOKENS), { minLength: 1, maxLength: 12 }),
        fc.constantFrom('', ' '),
        (tokens, between) => {
          if (attempt(tokens.join(between))) compiled++;
        },
      ),
      { seed: 5, numRuns: 3000 },
    );
    expect(compiled).toBeGreaterThan(10);
  });

  test('random expressions of tokens that fit are compiled or refused', () => {
    const { expression } = fc.letrec<{ expression: string }>(tie => ({
      expression: fc.oneof(
        { maxDepth: 5, withCrossShrink: true },
        fc.constantFrom(
          '1',
          '0',
          '-1',
          'get_int()',
          'get_u8()',
          'get_task()',
          'NULL',
          '"x"',
          'RED',
          'nothing()',
        ),
        fc
          .tuple(
            tie('expression'),
            fc.constantFrom(...'+ - * / % << >> < == & | ^ && || ,'.split(' ')),
            tie('expression'),
          )
          .map(parts => parts.join(' ')),
        fc
          .tuple(
            fc.constantFrom('-', '~', '!', '(char)', '(long)', '(void *)', 'sizeof ', '&', '*', '(void)'),
            tie('expression'),
          )
          .map(parts => parts.join('')),
        fc
          .tuple(
            fc.constantFrom('', 'take_u8', 'take_bool', 'take_void', 'take_task', '_printk'),
            tie('expression'),
          )
          .map(([name, inner]) => `${name}(${inner})`),
        fc
          .tuple(tie('expression'), tie('expression'), tie('expression'))
          .map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      ),
    }));
    let compiled = 0;
    fc.assert(
      fc.property(expression, program => {
        if (attempt(program)) compiled++;
      }),
      { seed: 6, numRuns: 3000 },
    );
    expect(compiled).toBeGreaterThan(500);
  });

  test('good programs with pieces cut out, doubled or put in are compiled or refused', () => {
    const change = fc.tuple(
      fc.nat({ max: 100 }),
      fc.nat({ max: 12 }),
      fc.constantFrom('', ...TOKENS),
      fc.boolean(),
    );
    let compiled = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...PROGRAMS),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (program, changes) => {
          let text = program;
          for (const [at, length, token, doubled] of changes) {
            const start = at % (text.length + 1);
            const piece = text.slice(start, start + length);
            text = text.slice(0, start) + token + (doubled ? piece + piece : '') + text.slice(start + length);
          }
          if (attempt(text)) compiled++;
        },
      ),
      { seed: 7, numRuns: 3000 },
    );
    expect(compiled).toBeGreaterThan(50);
  });

  test('any string, in and outside of quotes, is compiled or refused', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.nat({ max: 0xffff }).map(unit => String.fromCharCode(unit)),
        fc.constantFrom('"', "'", '\\', '\n', '/', '*', '0', 'x'),
      ),
      maxLength: 30,
    });
    fc.assert(
      fc.property(text, fc.constantFrom('', '"', "'", '/*', '0x', '_printk("'), (text, before) => {
        attempt(before + text);
        attempt(`${before}${text}${before}`);
      }),
      { seed: 8, numRuns: 3000 },
    );
  });

  test.each(PROGRAMS)('a program that is cut off at every character is compiled or refused: %s', program => {
    expect(attempt(program)).toBeDefined();
    for (let length = 0; length < program.length; length++) attempt(program.slice(0, length));
  });
});

describe('programs as long as the limit are compiled or refused', () => {
  test('every token, repeated for a quarter of the limit, is compiled or refused', () => {
    for (const token of TOKENS) {
      const bytes = Buffer.byteLength(token);
      attempt(token.repeat(PROGRAM_LIMIT_BYTES / 4 / bytes));
      attempt(`_printk(${`${token},`.repeat((PROGRAM_LIMIT_BYTES / 4 - 20) / (bytes + 1))}1)`);
    }
  });

  test('one literal, one name, one comment, one line or many lines are compiled or refused', () => {
    const most = PROGRAM_LIMIT_BYTES - 64;
    expect(attempt(`_printk("${'x'.repeat(most)}")`)).toBeDefined();
    expect(attempt(`_printk("${'\\377'.repeat(most / 4)}")`)).toBeDefined();
    expect(attempt(`1/*${'*'.repeat(most)}*/`)).toBeDefined();
    expect(attempt(`1${'/**/'.repeat(most / 4)}`)).toBeDefined();
    expect(attempt(`1${'//\n'.repeat(most / 3)}`)).toBeDefined();
    expect(attempt(`${' '.repeat(most)}1`)).toBeDefined();
    expect(attempt(`${'0'.repeat(most)}7`)).toBeDefined();
    expect(attempt(`0x${'0'.repeat(most)}7`)).toBeDefined();
    expect(attempt('9'.repeat(most))).toBeUndefined();
    expect(attempt('x'.repeat(most))).toBeUndefined();
    expect(attempt(`${'x'.repeat(most)}()`)).toBeUndefined();
    expect(attempt(`"\\x${'4'.repeat(most)}"`)).toBeUndefined();
    expect(attempt(`(${'long '.repeat(most / 5)})1`)).toBeUndefined();
    expect(attempt(`(struct ${'x'.repeat(most)} *)1`)).toBeUndefined();
    expect(attempt(`${'\n'.repeat(most)}!`)).toBeUndefined();
    expect(attempt(`${'(x'.repeat(100)}`)).toBeUndefined();
    expect(attempt(Array.from({ length: 300 }, (_, index) => `name${index}`).join('+'))).toBeUndefined();
    expect(attempt(`/*${'/*'.repeat(most / 2)}`)).toBeUndefined();
  });
});

describe('deep programs do not overflow the stack', () => {
  const forms: readonly (readonly [string, (n: number) => string])[] = [
    ['parentheses', n => `${'('.repeat(n)}1${')'.repeat(n)}`],
    ['open parentheses', n => '('.repeat(n)],
    ...['-', '+', '~', '!', '*', '&', '- '].map(
      operator => [`unary ${operator}`, (n: number) => `${operator.repeat(n)}get_int()`] as const,
    ),
    ['casts', n => `${'(long)'.repeat(n)}1`],
    ['casts that convert', n => `${'(char)(int)'.repeat(n)}get_int()`],
    ['sizeof', n => `${'sizeof '.repeat(n)}1`],
    ['calls', n => `${'take_u8('.repeat(n)}1${')'.repeat(n)}`],
    ['calls of calls', n => `get_int${'()'.repeat(n)}`],
    ['?: on the right', n => `${'get_int() ? 1 : '.repeat(n)}1`],
    ['?: in the middle', n => `${'get_int() ? '.repeat(n)}1${' : 1'.repeat(n)}`],
    ['?: on the left', n => `${'('.repeat(n)}get_int()${' ? 1 : 2)'.repeat(n)}`],
    ...'+ - * / % << >> < <= == != & | ^ && || ,'
      .split(' ')
      .flatMap(operator => [
        [`a chain of ${operator}`, (n: number) => `get_int()${` ${operator} get_int()`.repeat(n)}`] as const,
        [`constants with ${operator}`, (n: number) => `1${` ${operator} 1`.repeat(n)}`] as const,
        [
          `${operator} on the right`,
          (n: number) => `${`get_int() ${operator} (`.repeat(n)}get_int()${')'.repeat(n)}`,
        ] as const,
      ]),
    ['pointers to pointers', n => `(int ${'*'.repeat(n)})0`],
    ['pointers in an error', n => `take_task((int ${'*'.repeat(n)})0)`],
    ['pointers compared', n => `1 ? (int ${'*'.repeat(n)})0 : (long ${'*'.repeat(n)})0`],
    ['pointers with const', n => `(int ${'*const volatile'.repeat(n)})0`],
    ['qualifiers', n => `(${'const volatile '.repeat(n)}int)0`],
    ['strings', n => '"x"'.repeat(n)],
    ['semicolons', n => `1${';'.repeat(n)}`],
    ['braces', n => `${'{'.repeat(n)}1${'}'.repeat(n)}`],
    ['members', n => `get_task()${'->pid'.repeat(n)}`],
    ['elements', n => `"x"${'[0]'.repeat(n)}`],
    ['arguments', n => `_printk(""${', 1'.repeat(n)})`],
  ];

  test.each(forms)('a program of many levels is compiled or refused: %s', (_, form) => {
    for (const n of [1, 63, 64, 65, 99, 100, 101, 199, 200, 201, 999, 1000, 1999, 2000, 2001, 5000, 30_000]) {
      const program = form(n);
      if (Buffer.byteLength(program) <= PROGRAM_LIMIT_BYTES) attempt(program);
    }
  });

  test('the deepest tree is accepted together with the longest chain', () => {
    const chain = (n: number, inner: string) => `${'1 + '.repeat(n)}(${inner})${' + 1'.repeat(n)}`;
    let program = 'get_int()';
    for (let level = 0; level < 49; level++) program = chain(10, program);
    expect(attempt(program)).toBeDefined();
  });
});
