import { afterAll, describe, expect, test } from 'vitest';
import { GccKernel } from '../support/gcc-kernel.ts';
import { canBuild, TEST_CPUS } from '../support/test-cpus.ts';

const SCALARS = ['char', 'short', 'int', 'long', 'u8', 'u64', '_Bool'] as const;

/** Structures of every size around the limits of registers, and with every alignment that BTF can tell. */
const RECORDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 64].map(size => [
      `b${size}`,
      `unsigned char bytes[${size}];`,
    ]),
  ),
  words2: 'long a, b;',
  words3: 'long a, b, c;',
  char_long: 'char a; long b;',
  odd: 'int a[3];',
  wide: '__int128 a;',
  wider: '__int128 a; long b;',
  wide_and_small: 'char a; __int128 b;',
  nothing: '',
};

/** Parameters before the structure under test, so that it starts at each register, and on the stack. */
const BEFORE = Array.from({ length: 10 }, (_, count) => count);

interface Shape {
  readonly name: string;
  readonly params: readonly string[];
  /** How many of them have names, where the rest has none. */
  readonly named?: number;
}

function shapes(): Shape[] {
  const afterEach = Object.keys(RECORDS).flatMap(record =>
    BEFORE.map(count => ({
      name: `${record}_after_${count}`,
      params: [
        ...Array.from({ length: count }, (_, index) => SCALARS[index % SCALARS.length]!),
        `struct ${record}`,
        'short',
        'struct words2',
        'long',
      ],
    })),
  );
  return [
    ...afterEach,
    { name: 'two_wide', params: ['char', 'struct wide', 'int', 'struct wide', 'struct wide', 'int'] },
  ];
}

/** Bytes of a parameter that count: padding may hold anything. */
function hashOf(type: string, name: string): string {
  if (!type.startsWith('struct ')) return `h = h * 31 + (u64)${name};`;
  const declaration = RECORDS[type.slice(7)]!;
  const fields = [...declaration.matchAll(/(\w+)(?:\[(\d+)\])?(?=[,;])/g)];
  return fields
    .flatMap(([, field, count]) =>
      count === undefined
        ? [`${name}.${field}`]
        : Array.from({ length: Number(count) }, (_, index) => `${name}.${field}[${index}]`),
    )
    .map(place => `h = h * 31 + (u64)${place};`)
    .join(' ');
}

/** A structure from a number, every byte of it another. */
function makeOf(record: string): string {
  return `struct ${record} make_${record}(long seed) { struct ${record} s; for (unsigned i = 0; i < sizeof s; i++) ((u8 *)&s)[i] = seed * 7 + i * 13; return s; }`;
}

function cOf(all: readonly Shape[]): string {
  return [
    ...Object.entries(RECORDS).map(([name, fields]) => `struct ${name} { ${fields} };`),
    ...Object.keys(RECORDS).map(makeOf),
    ...all.map(shape => {
      if (shape.named !== undefined) return variadicOf(shape);
      const { name, params } = shape;
      const declared = params.map((type, index) => `${type} p${index}`).join(', ');
      const hashes = params.map((type, index) => hashOf(type, `p${index}`)).join(' ');
      return `u64 take_${name}(${declared}) { u64 h = 7; ${hashes} return h; }`;
    }),
    ...all.map(shape => `u64 call_${shape.name}(void) { return ${callOf(shape)}; }`),
  ].join('\n');
}

function callOf({ name, params }: Shape): string {
  const args = params.map((type, index) =>
    type.startsWith('struct ') ? `make_${type.slice(7)}(${index + 3})` : `(${type})${index * 37 - 5}`,
  );
  return `take_${name}(${args.join(', ')})`;
}

/** Types as they are after the promotions of variable arguments; structures are refused there. */
const VARIABLE = ['int', 'long', 'unsigned', 'u64', 'char *', 'long long', 'int', 'void *'];

/** Variable arguments after 0 to 9 named ones and structures of every kind of place, and in every order. */
const VARIADIC: readonly Shape[] = BEFORE.flatMap(count => {
  const scalars = Array.from({ length: count }, (_, index) => SCALARS[index % SCALARS.length]!);
  const named = ['long', ...scalars, 'struct b9', 'struct wide', 'struct b17', 'short'];
  return VARIABLE.map((_, by) => ({
    name: `variable_${by}_after_${count}`,
    named: named.length,
    params: [...named, ...VARIABLE.slice(by), ...VARIABLE.slice(0, by)],
  }));
});

function variadicOf({ name, params, named = 0 }: Shape): string {
  const declared = params.slice(0, named).map((type, index) => `${type} p${index}`);
  const taken = params
    .slice(named)
    .map((type, index) => `${type} p${index + named} = __builtin_va_arg(list, ${type});`);
  const hashes = params.map((type, index) => hashOf(type, `p${index}`));
  const start = `__builtin_va_list list; __builtin_va_start(list, p${named - 1});`;
  const body = [start, ...taken, 'u64 h = 7;', ...hashes, 'return h;'].join(' ');
  return `u64 take_${name}(${declared.join(', ')}, ...) { ${body} }`;
}

/** Structures whose alignment comes of what has no name: psABIs differ there. */
const UNNAMED: readonly string[] = ['char', 'short', 'int', 'long'].flatMap(type =>
  ['char a; TYPE : 3;', 'char a; TYPE : 0;', 'TYPE : 5; char a;', 'char a; TYPE : 7; char b;'].map(fields =>
    fields.replace('TYPE', type),
  ),
);

function layoutOf(fields: string, index: number): string {
  return `u64 layout_${index}(void) { struct s { ${fields} }; return _Alignof(struct s) * 100 + sizeof(struct s); }`;
}

const TOGETHER = { together: true };

describe.each(TEST_CPUS.filter(canBuild))('arguments and results of every shape, $arch', cpu => {
  const fixed = shapes();
  const all = [...fixed, ...VARIADIC];
  const kernel = new GccKernel(cpu, `${cOf(all)}\n${UNNAMED.map(layoutOf).join('\n')}`);
  afterAll(() => kernel.close());

  test(`${all.length} calls say the same as gcc's`, () => {
    const ours = kernel.run(all.map(callOf), TOGETHER);
    const theirs = kernel.run(
      all.map(({ name }) => `call_${name}()`),
      TOGETHER,
    );
    const text = ({ end }: (typeof ours)[number]): string =>
      end.kind === 'returned' ? end.value.text : end.kind;
    const rows = all.map(({ name }, index) => ({
      name,
      ours: text(ours[index]!),
      gcc: text(theirs[index]!),
    }));
    expect(rows.filter(({ ours, gcc }) => ours !== gcc)).toEqual([]);
    expect(new Set(rows.slice(0, fixed.length).map(({ gcc }) => gcc)).size).toBeGreaterThan(
      fixed.length * 0.9,
    );
  });

  test('unnamed bit fields align as they do for gcc', () => {
    const ours = kernel.run(
      UNNAMED.map(fields => `struct s { ${fields} }; (u64)(_Alignof(struct s) * 100 + sizeof(struct s))`),
      TOGETHER,
    );
    const theirs = kernel.run(
      UNNAMED.map((_, index) => `layout_${index}()`),
      TOGETHER,
    );
    const text = ({ end }: (typeof ours)[number]): string =>
      end.kind === 'returned' ? end.value.text : end.kind;
    const rows = UNNAMED.map((fields, index) => ({
      fields,
      ours: text(ours[index]!),
      gcc: text(theirs[index]!),
    }));
    expect(rows.filter(({ ours, gcc }) => ours !== gcc)).toEqual([]);
  });
});
