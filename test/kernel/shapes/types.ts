/** A type of C that goes into and out of a function of the test module. */
export interface ShapeType {
  /** As C spells it. */
  readonly c: string;
  /**
   * Its integers, each by the way to it from a variable of the type: `.a[2]`; empty where it is one itself.
   */
  readonly leaves: readonly Leaf[];
  /** An expression of the type with these values, one per leaf. */
  readonly literal: (values: readonly bigint[]) => string;
  /** How a module defines the type; undefined for those that every kernel has. */
  readonly definition?: string;
}

/** One integer. */
export interface Leaf {
  readonly path: string;
  readonly bits: number;
  readonly signed: boolean;
}

function scalar(c: string, bits: number, signed: boolean, literal?: (value: bigint) => string): ShapeType {
  const spell = literal ?? (value => `(${c})${value}${bits === 64 ? 'L' : ''}`);
  return { c, leaves: [{ path: '', bits, signed }], literal: ([value]) => spell(value!) };
}

export const U64 = scalar('u64', 64, false);
export const S32 = scalar('s32', 32, true);
export const U8 = scalar('u8', 8, false);
export const S8 = scalar('s8', 8, true);

/**
 * Every integer type, pointers and an enumeration. 63 bits of the widest, so that all print as `long long`.
 */
export const SCALARS: readonly ShapeType[] = [
  U8,
  S8,
  scalar('u16', 16, false),
  scalar('s16', 16, true),
  scalar('u32', 32, false),
  S32,
  U64,
  scalar('s64', 64, true),
  scalar('bool', 1, false, value => (value === 0n ? 'false' : 'true')),
  scalar('void *', 64, false, value => `(void *)${value}L`),
  scalar('const char *', 64, false, value => `(const char *)${value}L`),
  scalar('int', 32, true, String),
  scalar('unsigned int', 32, false, value => `${value}U`),
  scalar('long', 64, true, value => `${value}L`),
  scalar('signed char', 8, true, value => `(signed char)${value}`),
];

type Member = readonly [name: string, type: string, count?: number | undefined, bitField?: number];

const WIDTHS: Readonly<Record<string, readonly [bits: number, signed: boolean]>> = {
  u8: [8, false],
  s8: [8, true],
  u16: [16, false],
  s16: [16, true],
  u32: [32, false],
  s32: [32, true],
  u64: [64, false],
  s64: [64, true],
};

function struct(name: string, members: readonly Member[], attribute = ''): ShapeType {
  const leaves = members.flatMap(([member, type, count, bitField]) => {
    const [bits, signed] = WIDTHS[type]!;
    const each = { bits: bitField ?? bits, signed };
    if (count === undefined) return [{ path: `.${member}`, ...each }];
    return Array.from({ length: count }, (_, index) => ({ path: `.${member}[${index}]`, ...each }));
  });
  const fields = members.map(
    ([member, type, count, bitField]) =>
      `${type} ${member}${count === undefined ? '' : `[${count}]`}${bitField === undefined ? '' : ` : ${bitField}`};`,
  );
  return {
    c: `struct ${name}`,
    leaves,
    literal(values) {
      const rest = [...values];
      const spelt = members.map(([member, , count]) =>
        count === undefined
          ? `.${member} = ${spell(rest.shift()!)}`
          : `.${member} = { ${rest.splice(0, count).map(spell).join(', ')} }`,
      );
      return `(struct ${name}){ ${spelt.join(', ')} }`;
    },
    definition: `struct ${name} { ${fields.join(' ')} }${attribute};`,
  };
}

/** Spelt with its width, so that neither compiler sees a number too large for its type. */
function spell(value: bigint): string {
  return value > 0x7fffffffn || value < -0x80000000n ? `${value}L` : String(value);
}

const bytes = (count: number): ShapeType => struct(`fc_bytes${count}`, [['b', 'u8', count]]);

const INNER = struct('fc_inner', [
  ['x', 's16'],
  ['y', 'u8'],
]);

/** A structure in a structure. */
const NESTED: ShapeType = {
  c: 'struct fc_nested',
  leaves: [
    { path: '.before', bits: 8, signed: false },
    ...INNER.leaves.map(leaf => ({ ...leaf, path: `.in${leaf.path}` })),
    { path: '.after', bits: 32, signed: true },
  ],
  literal: values =>
    `(struct fc_nested){ .before = ${values[0]}, .in = { .x = ${values[1]}, .y = ${values[2]} }, .after = ${values[3]} }`,
  definition: `${INNER.definition} struct fc_nested { u8 before; struct fc_inner in; s32 after; };`,
};

/**
 * Structures of every size up to 16 bytes and some above, and those that the ABI treats in a way of their
 * own: whole in registers, half and half, in memory because of an unaligned member (System V ABI for x86-64,
 * 3.2.3).
 */
export const STRUCTS: readonly ShapeType[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16].map(bytes),
  struct('fc_word', [['a', 'u64']]),
  struct('fc_two_words', [
    ['a', 'u64'],
    ['b', 's64'],
  ]),
  struct('fc_mixed', [
    ['a', 's8'],
    ['b', 's16'],
    ['c', 's32'],
    ['d', 'u8'],
  ]),
  struct('fc_half', [
    ['a', 'u32'],
    ['b', 'u16', 3],
  ]),
  NESTED,
  struct('fc_bits', [
    ['a', 'u32', undefined, 3],
    ['b', 's32', undefined, 7],
    ['c', 'u32', undefined, 22],
    ['d', 'u64', undefined, 40],
  ]),
  struct(
    'fc_packed',
    [
      ['a', 'u64'],
      ['b', 'u8'],
    ],
    ' __attribute__((packed))',
  ),
  struct(
    'fc_unaligned',
    [
      ['a', 'u8'],
      ['b', 'u32'],
      ['c', 's16'],
    ],
    ' __attribute__((packed))',
  ),
  struct(
    'fc_packed_odd',
    [
      ['a', 'u16', 2],
      ['b', 'u8', 3],
    ],
    ' __attribute__((packed))',
  ),
  bytes(17),
  struct('fc_three_words', [['a', 'u64', 3]]),
  struct('fc_large', [
    ['a', 'u8'],
    ['b', 'u64', 4],
    ['c', 's16', 5],
  ]),
];
