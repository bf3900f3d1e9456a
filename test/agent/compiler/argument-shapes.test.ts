import { afterAll, describe, expect, test } from 'vitest';
import { GccKernel } from './support/gcc-kernel.ts';
import { canBuild, TEST_CPUS } from './support/test-cpus.ts';

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
    ...all.map(({ name, params }) => {
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

describe.each(TEST_CPUS.filter(canBuild))('arguments and results of every shape, $arch', cpu => {
  const all = shapes();
  const kernel = new GccKernel(cpu, cOf(all));
  afterAll(() => kernel.close());

  test(`${all.length} calls say the same as gcc's`, () => {
    const ours = kernel.run(all.map(callOf));
    const theirs = kernel.run(all.map(({ name }) => `call_${name}()`));
    const text = ({ end }: (typeof ours)[number]): string =>
      end.kind === 'returned' ? end.value.text : end.kind;
    const rows = all.map(({ name }, index) => ({
      name,
      ours: text(ours[index]!),
      gcc: text(theirs[index]!),
    }));
    expect(rows.filter(({ ours, gcc }) => ours !== gcc)).toEqual([]);
    expect(new Set(rows.map(({ gcc }) => gcc)).size).toBeGreaterThan(all.length * 0.9);
  });
});
