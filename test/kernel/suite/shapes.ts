import { expect } from 'vitest';
import { MODULE_NAME, type ShapeFunction, shapeFunctions } from '../shapes/index.ts';
import type { Need } from '../support/programs-in-guest.ts';
import { type Case, ownSh, value } from './case.ts';

/** Where the test module lies in the guest. */
export const MODULE_FILE = `/run/farcall/${MODULE_NAME}.ko`;

const EXTERNS = 'extern char fc_seen[2048]; extern unsigned long fc_calls;';
const TYPES: readonly Need[] = [{ typesOf: MODULE_NAME }];

/** Calls of several functions in one program, each followed by what it wrote down and what it returned. */
function shapeCase(title: string, functions: readonly ShapeFunction[]): Case {
  const needsTypes = functions.some(each => partsOf(each).some(type => type.definition !== undefined));
  const program = [EXTERNS, 'unsigned long before = fc_calls;', ...functions.flatMap(callOf)].join('\n');
  return {
    area: 'shapes',
    title: `${title}: ${functions.map(({ name }) => name).join(', ')}`,
    steps: {
      it: {
        program: `${program}\nreport(fc_calls - before);`,
        needs: needsTypes ? TYPES : [],
        declare: Object.fromEntries(
          functions.map((each, index) => [
            index === 0 ? `${each.name}@${MODULE_NAME}` : each.name,
            declarationOf(each),
          ]),
        ),
      },
    },
    check(got) {
      const cells = got.rows('it').flat();
      const expected = functions.flatMap(({ sent, returned }) => [
        sent.flat().join(','),
        ...returned.map(String),
      ]);
      expect(cells).toEqual([...expected, String(functions.length)]);
    },
  };
}

function partsOf({ parameters, returns }: ShapeFunction) {
  return returns ? [...parameters, returns] : parameters;
}

function callOf({ name, parameters, sent, returns }: ShapeFunction, index: number): string[] {
  const list = parameters.map((type, at) => type.literal(sent[at]!)).join(', ');
  // A program has the types of those modules that it names.
  const callee = index === 0 ? `${name}@${MODULE_NAME}` : name;
  const seen = 'report((const char *)fc_seen);';
  if (!returns) return [`${callee}(${list});`, seen];
  const result = `r${index}`;
  const leaves = returns.leaves.map(({ path }) => `report((long long)${result}${path});`);
  return [`auto ${result} = ${callee}(${list});`, seen, ...leaves];
}

function declarationOf({ name, parameters, returns }: ShapeFunction): string {
  const list = parameters.map(({ c }) => c).join(', ') || 'void';
  return `extern ${returns?.c ?? 'void'} ${name}(${list});`;
}

/** `functions` in groups whose names begin alike. */
function groups(
  functions: readonly ShapeFunction[],
): readonly (readonly [string, readonly ShapeFunction[]])[] {
  const args = functions.filter(({ name }) => name.startsWith('fc_args_'));
  const scalars = functions.filter(({ name }) => name.startsWith('fc_scalar_') || name === 'fc_void');
  const structs = functions.filter(each => !args.includes(each) && !scalars.includes(each));
  const byType = Map.groupBy(structs, ({ name }) => name.replace(/^fc_[a-z]+_/, ''));
  return [
    ...chunks(args, 5).map((chunk): [string, ShapeFunction[]] => ['0 to 18 arguments', chunk]),
    ...chunks(scalars, 8).map((chunk): [string, ShapeFunction[]] => ['scalars', chunk]),
    ...[...byType].map(([type, chunk]): [string, ShapeFunction[]] => [`struct fc_${type}`, chunk]),
  ];
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) =>
    list.slice(at * size, (at + 1) * size),
  );
}

const DIRTY = [
  ['u8', '(u8)0x88'],
  ['s8', '(s8)-120'],
  ['u16', '(u16)0x7788'],
  ['s16', '(s16)0x7788'],
  ['u32', '(u32)0x55667788'],
  ['int', '(int)0x55667788'],
] as const;

const declare = (name: string, declaration: string) => ({ declare: { [name]: declaration } });
const APPLY = {
  declare: {
    fc_apply: 'extern u64 fc_apply(u64 (*callback)(u64), u64 x);',
    fc_double: 'extern u64 fc_double(u64 x);',
    fc_pick: 'extern u64 (*fc_pick(int which))(u64);',
  },
};

/** Before everything else, so that the kernel is read once, with its functions. */
export const SHAPES_LOAD: Case = {
  area: 'shapes',
  title: 'the test module loads',
  steps: { load: ownSh(`insmod ${MODULE_FILE}`) },
  check: got => expect(got.output('load')).toBe(''),
};

/** What a module's functions of every shape receive and give back. */
export const SHAPES: readonly Case[] = [
  ...groups(shapeFunctions()).map(([title, functions]) => shapeCase(title, functions)),
  value(
    'shapes',
    'fc_sum(8, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L)',
    '(long)12345678',
    declare('fc_sum', 'extern long fc_sum(int count, ...);'),
  ),
  value(
    'shapes',
    `${EXTERNS} signed char c = -3; short s = -4; int n = fc_mixed_variadic("%d %d %u %lld %s %lx %c", c, s, 7U, -5LL, "six", 0x77UL, 'z'); report((const char *)fc_seen); report(n); n`,
    '(int)19',
    declare('fc_mixed_variadic', 'extern int fc_mixed_variadic(const char *format, ...);'),
  ),
  value(
    'shapes',
    `${EXTERNS} unsigned long n = fc_calls; auto r = fc_apply(&fc_double, 20); r * 10 + (fc_calls - n)`,
    /\)412$/,
    // Without types, nothing says that fc_double is a function of this kind.
    { ...APPLY, needs: TYPES },
  ),
  value('shapes', 'fc_apply(fc_pick(1), 4)', '(u64)9', { needs: TYPES }),
  value('shapes', 'u64 (*f)(u64) = fc_pick(1); f(21)', '(u64)42', { needs: TYPES }),
  value('shapes', 'fc_pick(0) == NULL', '(int)1', APPLY),
  value(
    'shapes',
    'u64 a = 5; u64 b = 7; fc_swap(&a, &b); a * 10 + b',
    /\)75$/,
    declare('fc_swap', 'extern int fc_swap(u64 *a, u64 *b);'),
  ),
  value(
    'shapes',
    's16 n[4] = { 1, -2, 300, 4 }; fc_total(n, 4)',
    '(long)303',
    declare('fc_total', 'extern long fc_total(const s16 *numbers, size_t count);'),
  ),
  value(
    'shapes',
    'struct fc_large x = { .b = { 1, 2, 3, 4 } }; fc_fill@fc_shapes(&x, 9); x.a * 10000 + x.b[2] * 1000 + x.b[3] * 10 - x.c[4]',
    /\)93109$/,
    { needs: TYPES },
  ),
  value('shapes', 'fc_next@fc_shapes(FC_RED)', '(enum fc_colour)FC_GREEN /* -7 */', { needs: TYPES }),
  value('shapes', 'fc_next(fc_next@fc_shapes(FC_RED))', '(enum fc_colour)FC_BLUE /* 65536 */', {
    needs: TYPES,
  }),
  ...DIRTY.map(([type, text]) =>
    value(
      'shapes',
      `fc_dirty_${type}(0x1122334455667788)`,
      text.replace(/0x\w+/, number => String(Number(number))),
      declare(`fc_dirty_${type}`, `extern ${type} fc_dirty_${type}(u64 x);`),
    ),
  ),
  value(
    'shapes',
    '(long)fc_dirty_s8(0xffffffffffffff81)',
    /^\(long\)-127/,
    declare('fc_dirty_s8', 'extern s8 fc_dirty_s8(u64 x);'),
  ),
  {
    area: 'shapes',
    title: 'the test module goes again, and its functions with it',
    steps: { unload: ownSh(`rmmod ${MODULE_NAME}`), after: { program: 'fc_double(1)', by: 'guest' } },
    check(got) {
      expect(got.output('unload')).toBe('');
      expect(got.result('after').code).toBe('SYMBOL_UNKNOWN');
    },
  },
];
