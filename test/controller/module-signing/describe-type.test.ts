import { describe, expect, test } from 'vitest';
import { BTF_KIND } from '../../../agent/compiler/btf/index.ts';
import { Btf } from '../../../agent/compiler/index.ts';
import { type DescribedType, describeType } from '../../../controller/module-signing/describe-type.ts';
import { BtfBuilder } from '../../agent/compiler/support/btf-builder.ts';

/** The type that `add` adds after an int and a long, described. */
function described(
  add: (b: BtfBuilder, int: number, long: number) => number,
  original = (id: number): number => id,
): DescribedType {
  const b = new BtfBuilder();
  const id = add(b, b.int('int', 4), b.int('long', 8));
  return describeType(new Btf(b.build()), id, original);
}

type Add = (b: BtfBuilder, int: number, long: number) => number;
const member = (change: object = {}): Add => {
  return (b, int) => b.struct('s', 8, [{ name: 'a', type: int, bitOffset: 0, ...change }]);
};

describe('a type in words', () => {
  test.each<[string, Add, Add]>([
    ['the name of an int', b => b.int('a', 4), b => b.int('b', 4)],
    ['the size of an int', b => b.int('a', 4), b => b.int('a', 8)],
    ['whether an int is signed', b => b.int('a', 4), b => b.int('a', 4, false)],
    ['whether an int is a bool', b => b.int('a', 1), b => b.int('a', 1, true, true)],
    [
      'what a pointer points to',
      (b, int) => b.ref(BTF_KIND.PTR, int),
      (b, _, long) => b.ref(BTF_KIND.PTR, long),
    ],
    ['whether it is const', (b, int) => b.ref(BTF_KIND.PTR, int), (b, int) => b.ref(BTF_KIND.CONST, int)],
    ['what an array has', (b, int) => b.array(int, 2), (b, _, long) => b.array(long, 2)],
    ['how many an array has', (b, int) => b.array(int, 2), (b, int) => b.array(int, 3)],
    ['the size of a structure', b => b.struct('s', 8, []), b => b.struct('s', 9, [])],
    ['whether it is a union', b => b.struct('s', 8, []), b => b.struct('s', 8, [], BTF_KIND.UNION)],
    ['the kind flag', b => b.enumeration('e', {}), b => b.enumeration('e', {}, true)],
    ['what a function gives', (b, int) => b.func('f', int) - 1, (b, _, long) => b.func('f', long) - 1],
    ['a forward name', b => b.ref(BTF_KIND.FWD, 0, 'a'), b => b.ref(BTF_KIND.FWD, 0, 'b')],
  ])('the head of a type tells %s', (_what, one, other) => {
    const [head, changed] = [described(one).head, described(other).head];
    expect(head).toMatch(/^[0-9a-f]{32}$/);
    expect(described(one).head).toBe(head);
    expect(changed).not.toBe(head);
  });

  test.each<[string, Add, Add]>([
    ['the name of a member', member(), member({ name: 'b' })],
    ['the type of a member', member(), member({ type: 2 })],
    ['the place of a member', member(), member({ bitOffset: 8 })],
    ['the width of a bit field', member({ bitWidth: 3 }), member({ bitWidth: 4 })],
    [
      'how many members there are',
      member(),
      (b, type) =>
        b.struct('s', 8, [
          { name: 'a', type, bitOffset: 0 },
          { name: 'b', type, bitOffset: 32 },
        ]),
    ],
    [
      'the members of a union',
      (b, type) => b.struct('s', 8, [{ name: 'a', type, bitOffset: 0 }], BTF_KIND.UNION),
      (b, type) => b.struct('s', 8, [{ name: 'b', type, bitOffset: 0 }], BTF_KIND.UNION),
    ],
    ['the name of an enumerator', b => b.enumeration('e', { A: 1 }), b => b.enumeration('e', { B: 1 })],
    ['the value of an enumerator', b => b.enumeration('e', { A: 1 }), b => b.enumeration('e', { A: 2 })],
    ['the value of a wide enumerator', b => b.enum64('e', { A: 1n }), b => b.enum64('e', { A: 1n << 40n })],
    [
      'the name of a parameter',
      (b, int) => b.func('f', int, { a: int }) - 1,
      (b, int) => b.func('f', int, { b: int }) - 1,
    ],
    [
      'the type of a parameter',
      (b, int) => b.func('f', int, { a: int }) - 1,
      (b, int, long) => b.func('f', int, { a: long }) - 1,
    ],
  ])('what is inside of a type tells %s', (_what, one, other) => {
    const [body, changed] = [described(one).body, described(other).body];
    expect(body).toMatch(/^[0-9a-f]{32}$/);
    expect(described(one).body).toBe(body);
    expect(changed).not.toBe(body);
  });

  test.each<[string, Add]>([
    ['an int', b => b.int('a', 4)],
    ['a pointer', (b, int) => b.ref(BTF_KIND.PTR, int)],
    ['an array', (b, int) => b.array(int, 2)],
    ['an empty structure', b => b.struct('s', 8, [])],
  ])('%s has nothing inside', (_what, add) => {
    expect(described(add)).toEqual({ head: expect.any(String), body: undefined });
  });

  test('a type that is only referred to has no words', () => {
    expect(described(b => b.ref(BTF_KIND.FWD, 0))).toEqual({ head: undefined, body: undefined });
    expect(described(b => b.struct('', 8, [])).head).toBeDefined();
  });

  test.each<[string, keyof DescribedType, Add]>([
    ...[BTF_KIND.PTR, BTF_KIND.TYPEDEF, BTF_KIND.VOLATILE, BTF_KIND.CONST, BTF_KIND.RESTRICT].map(
      (kind): [string, 'head', Add] => [`of kind ${kind}`, 'head', (b, int) => b.ref(kind, int)],
    ),
    ['that is a function', 'head', (b, int) => b.func('f', int)],
    ['that is a prototype', 'head', (b, int) => b.func('f', int) - 1],
    ['that is a variable', 'head', (b, int) => b.raw({ name: 'v', kind: 14, sizeOrType: int, words: [0] })],
    [
      'that is a tag of a declaration',
      'head',
      (b, int) => b.raw({ name: 't', kind: 17, sizeOrType: int, words: [0] }),
    ],
    ['that is a tag of a type', 'head', (b, int) => b.raw({ name: 't', kind: 18, sizeOrType: int })],
    ['that is an array', 'head', (b, int) => b.array(int, 2)],
    ['that is a structure', 'body', member()],
    ['that is a prototype with parameters', 'body', (b, int) => b.func('f', int, { a: int }) - 1],
  ])('a type %s names others by their number in the whole of the types', (_what, part, add) => {
    const moved = described(add, id => id + 1000);
    expect(moved[part]).not.toBe(described(add)[part]);
  });

  test('a size is no number of a type', () => {
    for (const add of [
      member(),
      (b: BtfBuilder) => b.int('a', 4),
      (b: BtfBuilder) => b.enumeration('e', { A: 1 }),
    ])
      expect(described(add, id => id + 1000).head).toBe(described(add).head);
  });
});
