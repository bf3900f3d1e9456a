import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FarcallError } from '../../../shared/errors/index.ts';
import { messageCodec } from '../../../shared/messages/codec.ts';
import {
  type CallResult,
  callResultCodec,
  type TypedValue,
  typedValue,
  VALUE_KINDS,
  VALUE_LIMITS,
  type ValueNode,
  valueBytes,
} from '../../../shared/messages/index.ts';
import { readValue } from '../../../shared/messages/read-value.ts';
import { typedValueSchema } from '../../../shared/messages/typed-value.ts';
import { failureOf } from '../../agent/compiler/support/guarded.ts';

function resultWith(value: TypedValue): CallResult {
  return {
    protocol: 1,
    host: 'demo-1',
    requestDigest: new Uint8Array(32),
    attempt: 1,
    orderId: 'o1',
    outcome: 'returned',
    value,
    kernelLog: [],
    timings: { verifyUs: 0, compileUs: 0, spawnUs: 0, loadUs: 0, totalUs: 0 },
    finishedAtMs: 0,
    kernelRelease: '6.12',
  };
}

function travelled(value: ValueNode): TypedValue | undefined {
  return callResultCodec.decode(callResultCodec.encode(resultWith(typedValue(value)))).value;
}

const INT = { kind: 'int', integer: '7', signed: true } as const;

describe('a value travels as a tree, and is written as C would', () => {
  const rows: readonly (readonly [ValueNode, string])[] = [
    [{ type: 'void', kind: 'void' }, '(void)'],
    [{ type: 'int', ...INT }, '(int)7'],
    [{ type: 'long', ...INT, integer: '-22', errnoName: '-EINVAL' }, '(long)-22 /* -EINVAL */'],
    [{ type: 'bool', kind: 'bool', integer: '1' }, '(bool)true'],
    [{ type: 'enum color', kind: 'enum', integer: '2', enumerator: 'BLUE' }, '(enum color)BLUE /* 2 */'],
    [{ type: 'enum color', kind: 'enum', integer: '9' }, '(enum color)9'],
    [{ type: 'void *', kind: 'pointer', address: '0x0' }, '(void *)0x0'],
    [
      { type: 'void *', kind: 'pointer', address: '0xffffffff82000010', symbol: 'init_task+0x10' },
      '(void *)0xffffffff82000010 /* init_task+0x10 */',
    ],
    [
      { type: 'void *', kind: 'pointer', address: '0xfffffffffffffff4', errnoName: '-ENOMEM' },
      '(void *)ERR_PTR(-12) /* -ENOMEM */',
    ],
    [{ type: 'char [4]', kind: 'string', string: 'a"\n\u00ff' }, '"a\\"\\n\\377"'],
    [{ type: 'char *', kind: 'string', address: '0x10', string: 'abc', truncated: true }, '(char *)"abc"...'],
    [
      {
        type: 'struct a',
        kind: 'struct',
        members: [
          { name: 'b', type: 'int [2]', kind: 'array', elements: [INT, INT] },
          { name: 'c', type: 'union u', kind: 'union', members: [], truncated: true },
          { name: 'd', type: 'double', kind: 'other', bits: 64 },
          { name: 'e', type: 'int', ...INT, bits: 3 },
        ],
      },
      '(struct a){ .b = { 7, 7 }, .c = { ... /* cut */ }, .d = { /* a number of 8 bytes */ }, .e = 7 }',
    ],
    [{ type: 'struct empty', kind: 'struct', members: [] }, '(struct empty){}'],
  ];

  test.each(rows)('the value %j is spelled by its reader', (value, text) => {
    expect(travelled(value)).toEqual({ ...value, text });
  });

  test('whatever text came with it is no word of its own', () => {
    const lie = { ...typedValue({ type: 'int', ...INT }), text: 'all is well' };
    expect(callResultCodec.decode(callResultCodec.encode(resultWith(lie))).value?.text).toBe('(int)7');
  });

  test('an element of an array takes some ten bytes', () => {
    const elements = Array.from({ length: 1000 }, () => INT);
    const value: ValueNode = { type: 'int [1000]', kind: 'array', elements };
    expect(callResultCodec.encode(resultWith(typedValue(value))).length).toBeLessThan(11_000);
    expect(valueBytes(value)).toBeGreaterThan(9000);
  });
});

describe('what is too much is refused', () => {
  const nested = (levels: number): ValueNode =>
    levels === 0 ? INT : { type: 'x', kind: 'array', elements: [nested(levels - 1)] };

  test.each<readonly [string, ValueNode]>([
    ['a level more', nested(VALUE_LIMITS.depth + 1)],
    ['many levels', nested(90)],
    [
      'a part more',
      { type: 'x', kind: 'array', elements: Array.from({ length: VALUE_LIMITS.nodes }, () => INT) },
    ],
    ['a long string', { type: 'x', kind: 'string', string: 'x'.repeat(VALUE_LIMITS.stringChars + 1) }],
    ['no type', INT],
    ['a number that is none', { type: 'int', kind: 'int', integer: '0x7' }],
    ['an address that is none', { type: 'int *', kind: 'pointer', address: '7' }],
  ])('a value with %s is refused', (_, value) => {
    const result = resultWith({ ...value, text: '' } as TypedValue);
    expect(failureOf(() => callResultCodec.encode(result)).code).toBe('MESSAGE_INVALID');
  });

  test('the deepest that is allowed is not', () => {
    expect(travelled(nested(VALUE_LIMITS.depth))?.kind).toBe('array');
  });
});

/** Random trees. */
const trees = (): fc.Arbitrary<ValueNode> => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 });
  const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined });
  const { node } = fc.letrec<{ node: ValueNode }>(tie => ({
    node: fc
      .record({
        name: maybe(text),
        kind: fc.constantFrom(...VALUE_KINDS),
        integer: maybe(fc.bigInt({ min: -(1n << 127n), max: (1n << 128n) - 1n }).map(String)),
        signed: maybe(fc.boolean()),
        bits: maybe(fc.integer({ min: 1, max: 64 })),
        address: maybe(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(value => `0x${value.toString(16)}`)),
        symbol: maybe(text),
        errnoName: maybe(text),
        string: maybe(text),
        truncated: maybe(fc.boolean()),
        parts: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('node'), { maxLength: 3 })),
      })
      .map(({ parts, ...rest }): ValueNode => {
        if (rest.kind === 'struct' || rest.kind === 'union') return { ...rest, members: parts };
        return rest.kind === 'array' ? { ...rest, elements: parts } : rest;
      }),
  }));
  return node.map(value => ({ ...value, type: 'x' }));
};

test('random trees come back as they were', () => {
  fc.assert(
    fc.property(trees(), root => {
      expect(travelled(root)).toEqual(typedValue(root));
    }),
    { seed: 3, numRuns: 500 },
  );
});

test('the reader of values reads what the general codec reads, and refuses what it refuses', () => {
  const general = messageCodec('TypedValue', typedValueSchema, { depth: 64 });
  const valueOrCode = (read: () => TypedValue): TypedValue | string => {
    try {
      return read();
    } catch (error) {
      return (error as FarcallError).code;
    }
  };
  const counts = { equal: 0, refused: 0, stricter: 0 };
  const changes = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { maxLength: 2 });
  fc.assert(
    fc.property(trees(), changes, (root, changed) => {
      const bytes = Buffer.from(general.encode(typedValue(root)));
      for (const { at, byte } of changed) bytes[at % bytes.length] = byte;
      const expected = valueOrCode(() => general.decode(bytes));
      const read = valueOrCode(() => readValue(bytes, { parts: VALUE_LIMITS.nodes }));
      if (typeof read !== 'string') {
        expect(read).toEqual(expected);
        counts.equal += 1;
      } else if (typeof expected === 'string') counts.refused += 1;
      // Parts of another kind and unknown fields, which the general codec drops.
      else counts.stricter += 1;
    }),
    { seed: 5, numRuns: 3000 },
  );
  expect(counts.equal).toBeGreaterThan(1000);
  expect(counts.refused).toBeGreaterThan(500);
  expect(counts.stricter).toBeLessThan(600);
});
