import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BTF_KIND, Btf, type BtfKind } from '../../../agent/compiler/btf/index.ts';
import { BtfTypes, typeToC } from '../../../agent/compiler/ctype/index.ts';
import { BtfBuilder } from './support/btf-builder.ts';
import { failureOf, guarded } from './support/guarded.ts';
import { walkBtf } from './support/walk-btf.ts';

const K = BTF_KIND;
const HEADER_BYTES = 24;

/** A blob with every kind, and the ids of its types by what they are. */
function everyKind() {
  const b = new BtfBuilder();
  const int = b.int('int', 4);
  const bool = b.int('_Bool', 1, false, true);
  const ids = {
    int,
    bool,
    pointer: b.ref(K.PTR, int),
    array: b.array(int, 7),
    struct: b.struct('plain', 16, [
      { name: 'a', type: int, bitOffset: 0 },
      { name: '', type: int, bitOffset: 64 },
    ]),
    bits: b.struct('bits', 4, [
      { name: 'low', type: int, bitOffset: 0, bitWidth: 3 },
      { name: 'high', type: int, bitOffset: 3, bitWidth: 29 },
    ]),
    union: b.struct('either', 4, [{ name: 'i', type: int, bitOffset: 0 }], K.UNION),
    enum: b.enumeration('color', { RED: 0, LAST: 0xffffffff }),
    signedEnum: b.enumeration('sign', { MINUS: -1, PLUS: 1 }, true),
    enum64: b.enum64('wide', { WIDE: 1n << 40n, WIDEST: (1n << 64n) - 1n }),
    signedEnum64: b.enum64('wide_sign', { LEAST: -(1n << 63n) }, true),
    forward: b.raw({ name: 'later', kind: K.FWD }),
    forwardUnion: b.raw({ name: 'later', kind: K.FWD, flag: true }),
    typedef: b.ref(K.TYPEDEF, int, 'pid_t'),
    volatile: b.ref(K.VOLATILE, int),
    const: b.ref(K.CONST, int),
    restrict: b.ref(K.RESTRICT, 3),
    func: b.func('main', int, { argc: int, argv: 3, '...': 0 }),
    variable: b.raw({ name: 'cpu', kind: K.VAR, sizeOrType: int, words: [1] }),
    section: b.raw({ name: '.data', kind: K.DATASEC, vlen: 1, sizeOrType: 4, words: [19, 0, 4] }),
    float: b.raw({ name: 'double', kind: K.FLOAT, sizeOrType: 8 }),
    declTag: b.raw({ name: 'tag', kind: K.DECL_TAG, sizeOrType: 5, words: [0xffffffff] }),
    typeTag: b.ref(K.TYPE_TAG, int, 'user'),
  };
  return { blob: b.build(), ids };
}

const { blob, ids } = everyKind();
const btf = new Btf(blob);

/** A copy with some words or bytes overwritten. */
function changed(bytes: Uint8Array, changes: readonly (readonly [at: number, value: number])[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (const [at, value] of changes) copy[at % copy.length] = value;
  return copy;
}

function withWord(bytes: Uint8Array, at: number, word: number): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(word, at);
  return copy;
}

/** The smallest blob around these words of types. */
function blobOf(typeWords: readonly number[], strings = '\0'): Uint8Array {
  const header = [0x0001eb9f, HEADER_BYTES, 0, typeWords.length * 4, typeWords.length * 4, strings.length];
  return Buffer.concat([
    new Uint8Array(Uint32Array.from([...header, ...typeWords]).buffer),
    Buffer.from(strings),
  ]);
}

function info(kind: number, vlen = 0): number {
  return kind * 2 ** 24 + vlen;
}

describe('every kind of BTF type is read as it was written', () => {
  test.each([
    ['int', K.INT, 'int'],
    ['pointer', K.PTR, ''],
    ['array', K.ARRAY, ''],
    ['struct', K.STRUCT, 'plain'],
    ['union', K.UNION, 'either'],
    ['enum', K.ENUM, 'color'],
    ['enum64', K.ENUM64, 'wide'],
    ['forward', K.FWD, 'later'],
    ['typedef', K.TYPEDEF, 'pid_t'],
    ['volatile', K.VOLATILE, ''],
    ['const', K.CONST, ''],
    ['restrict', K.RESTRICT, ''],
    ['func', K.FUNC, 'main'],
    ['variable', K.VAR, 'cpu'],
    ['section', K.DATASEC, '.data'],
    ['float', K.FLOAT, 'double'],
    ['declTag', K.DECL_TAG, 'tag'],
    ['typeTag', K.TYPE_TAG, 'user'],
  ] as const)('the kind and name of %s are read', (which, kind, name) => {
    expect(btf.kind(ids[which])).toBe(kind);
    expect(btf.name(ids[which])).toBe(name);
  });

  test('type 0 is void, and ids count from 1 without holes', () => {
    expect([btf.kind(0), btf.name(0), btf.firstId]).toEqual([K.VOID, 'void', 1]);
    // func() writes two: the prototype and the function.
    expect(btf.endId).toBe(Object.keys(ids).length + 2);
  });

  test('sizes, targets, integers and arrays are read', () => {
    expect([btf.size(ids.int), btf.size(ids.struct), btf.size(ids.enum64), btf.size(ids.float)]).toEqual([
      4, 16, 8, 8,
    ]);
    expect([btf.target(ids.pointer), btf.target(ids.typedef), btf.target(ids.variable)]).toEqual([1, 1, 1]);
    expect(btf.intEncoding(ids.int)).toEqual({ signed: true, isBool: false, bits: 32 });
    expect(btf.intEncoding(ids.bool)).toEqual({ signed: false, isBool: true, bits: 8 });
    expect(btf.array(ids.array)).toEqual({ element: ids.int, count: 7 });
    expect([btf.kindFlag(ids.forward), btf.kindFlag(ids.forwardUnion)]).toEqual([false, true]);
  });

  test('members are read with and without bit fields', () => {
    expect(btf.members(ids.struct)).toEqual([
      { name: 'a', type: ids.int, bitOffset: 0, bitWidth: 0 },
      { name: '', type: ids.int, bitOffset: 64, bitWidth: 0 },
    ]);
    expect(btf.members(ids.bits)).toEqual([
      { name: 'low', type: ids.int, bitOffset: 0, bitWidth: 3 },
      { name: 'high', type: ids.int, bitOffset: 3, bitWidth: 29 },
    ]);
  });

  test('enumerators are read by their width and sign', () => {
    const values = (id: number) => btf.enumerators(id).map(({ name, value }) => [name, value]);
    expect(values(ids.enum)).toEqual([
      ['RED', 0n],
      ['LAST', 0xffffffffn],
    ]);
    expect(values(ids.signedEnum)).toEqual([
      ['MINUS', -1n],
      ['PLUS', 1n],
    ]);
    expect(values(ids.enum64)).toEqual([
      ['WIDE', 1n << 40n],
      ['WIDEST', 0xffffffffffffffffn],
    ]);
    expect(values(ids.signedEnum64)).toEqual([['LEAST', -(1n << 63n)]]);
  });

  test('parameters are read with the mark of a variadic prototype', () => {
    expect(btf.params(btf.target(ids.func))).toEqual([
      { name: 'argc', type: ids.int },
      { name: 'argv', type: ids.pointer },
      { name: '', type: 0 },
    ]);
  });

  test('a blob at an odd address is read like any other', () => {
    const odd = new Uint8Array(blob.length + 1);
    odd.set(blob, 1);
    expect(new Btf(odd.subarray(1)).members(ids.bits)).toEqual(btf.members(ids.bits));
  });

  test('asking a type for what its kind has not is an error and no reading of the neighbours', () => {
    for (const ask of ['members', 'enumerators', 'params', 'array', 'intEncoding'] as const) {
      expect(failureOf(() => btf[ask](ids.typedef)).code, ask).toBe('BTF_INVALID');
    }
    expect(failureOf(() => btf.members(ids.array)).code).toBe('BTF_INVALID');
    expect(failureOf(() => btf.params(ids.func)).code).toBe('BTF_INVALID');
  });

  test.each([-1, 999, 2 ** 31, 0.5])('a look-up of type %d is refused', id => {
    for (const ask of ['kind', 'name', 'size', 'target', 'members', 'params', 'enumerators'] as const) {
      expect(failureOf(() => btf[ask](id)).code, ask).toBe('BTF_INVALID');
    }
  });
});

describe('names in BTF are found exactly', () => {
  test('a name is found by its kind', () => {
    expect(btf.find('int', K.INT)).toEqual([ids.int]);
    expect(btf.find('int', K.TYPEDEF)).toEqual([]);
    expect(btf.find('later', K.FWD)).toEqual([ids.forward, ids.forwardUnion]);
    expect(btf.find('color', K.STRUCT, K.ENUM)).toEqual([ids.enum]);
  });

  test.each([
    'in',
    'nt',
    'in\0',
    'int\0',
    'int\0_Bool',
    '\0int',
    '\u0169nt', // its low byte is an i
    'no_such_name',
    'x'.repeat(100_000),
    '__proto__',
    'constructor',
  ])('the name %j is not found', name => {
    const everything = Object.values(K) as BtfKind[];
    expect(btf.find(name, ...everything)).toEqual([]);
    expect(btf.findEnumerator(name)).toBeUndefined();
  });

  test('the empty name is the name of nothing', () => {
    expect(btf.find('', K.PTR)).toEqual([]);
    expect(btf.findEnumerator('')).toBeUndefined();
  });

  test('the name of a member is not the name of a type', () => {
    expect(btf.find('low', ...(Object.values(K) as BtfKind[]))).toEqual([]);
  });

  test('enumerators are found with their enumeration', () => {
    expect(btf.findEnumerator('LAST')).toEqual({ type: ids.enum, value: 0xffffffffn });
    expect(btf.findEnumerator('LEAST')).toEqual({ type: ids.signedEnum64, value: -(1n << 63n) });
    expect(btf.findEnumerator('color')).toBeUndefined();
  });

  test('forEachName visits every type of the kind once', () => {
    const seen: [string, number][] = [];
    btf.forEachName(K.ENUM, (name, id) => seen.push([name, id]));
    expect(seen).toEqual([
      ['color', ids.enum],
      ['sign', ids.signedEnum],
    ]);
  });

  test('more types than the name index has slots are all found', () => {
    const b = new BtfBuilder();
    const all = Array.from({ length: 70_000 }, (_, index) => b.raw({ name: `t${index}`, kind: K.TYPEDEF }));
    const large = new Btf(b.build());
    for (const index of [0, 1, 34_567, 69_999]) {
      expect(large.find(`t${index}`, K.TYPEDEF)).toEqual([all[index]]);
    }
  });
});

describe('split BTF goes on where its base ends', () => {
  const base = new BtfBuilder();
  const int = base.int('int', 4);
  base.enumeration('', { SHARED: 1, BASE_ONLY: 2 });
  base.struct('both', 4, []);
  const baseBtf = new Btf(base.build());

  function moduleBlob(last: (b: BtfBuilder) => void = () => {}): Btf {
    const b = new BtfBuilder({ ids: base.ids, stringBytes: base.stringBytes });
    b.struct('own', 8, [{ name: 'member', type: int, bitOffset: 0 }]);
    b.struct('both', 8, []);
    b.func('module_function', int, { own: base.ids });
    b.enumeration('', { SHARED_NOT: 3 });
    last(b);
    return new Btf(b.build(), baseBtf);
  }

  const module = moduleBlob();

  test('type IDs and strings of split BTF continue those of its base', () => {
    expect(module.firstId).toBe(base.ids);
    expect(module.name(base.ids)).toBe('own');
    expect(module.members(base.ids)).toEqual([{ name: 'member', type: int, bitOffset: 0, bitWidth: 0 }]);
    expect(module.name(int)).toBe('int');
    expect(module.size(int)).toBe(4);
    expect(module.enumerators(2).map(each => each.name)).toEqual(['SHARED', 'BASE_ONLY']);
  });

  test('a name that is in both is found in both, the base first', () => {
    expect(module.find('both', K.STRUCT)).toEqual([3, base.ids + 1]);
    expect(module.find('int', K.INT)).toEqual([int]);
    expect(module.find('own', K.STRUCT)).toEqual([base.ids]);
    expect(baseBtf.find('own', K.STRUCT)).toEqual([]);
    expect(module.findEnumerator('BASE_ONLY')).toEqual({ type: 2, value: 2n });
    expect(module.findEnumerator('SHARED_NOT')).toEqual({ type: base.ids + 4, value: 3n });
  });

  test('a name that only the base has as a string is found in the module too', () => {
    const b = new BtfBuilder({ ids: base.ids, stringBytes: base.stringBytes });
    const words = { kind: K.STRUCT, sizeOrType: 1 };
    b.raw(words);
    const bytes = withWord(
      b.build(),
      HEADER_BYTES,
      Buffer.from(base.build()).indexOf('BASE_ONLY') - stringsAt(base),
    );
    const split = new Btf(Buffer.concat([bytes]), baseBtf);
    expect(split.find('BASE_ONLY', K.STRUCT)).toEqual([base.ids]);
  });

  test('the first string of a module is found, whatever byte stands before it', () => {
    // The strings of a module have no NUL at their start; here the types end with a byte that is none either.
    const split = moduleBlob(b => b.enumeration('last', { MINUS: -1 }, true));
    expect(split.find('own', K.STRUCT)).toEqual([base.ids]);
  });

  test('forEachName visits the names of base and split BTF', () => {
    const seen: string[] = [];
    module.forEachName(K.STRUCT, name => seen.push(name));
    expect(seen).toEqual(['both', 'own', 'both']);
  });

  test('prototypes in a module may use types of the base', () => {
    const types = new BtfTypes(module);
    const [id] = module.find('module_function', K.FUNC);
    expect(typeToC(types.prototype(id!), 'module_function')).toBe('int module_function(struct own own)');
  });

  test('a module without types and strings of its own is valid', () => {
    const empty = new Btf(blobOf([], ''), baseBtf);
    expect([empty.firstId, empty.endId]).toEqual([base.ids, base.ids]);
    expect(empty.find('int', K.INT)).toEqual([int]);
  });
});

function stringsAt(builder: BtfBuilder): number {
  return builder.build().length - builder.stringBytes;
}

describe('bytes that are not BTF are refused as such', () => {
  const refused = (bytes: Uint8Array): string => failureOf(() => new Btf(bytes)).code;

  test('BTF that is cut off at any byte is refused', () => {
    for (let length = 0; length < blob.length; length++) {
      expect(refused(blob.subarray(0, length)), `${length} bytes`).toBe('BTF_INVALID');
    }
  });

  test('BTF whose types are cut off at any word has whole types left, or is refused', () => {
    const typesBytes = Buffer.from(blob).readUInt32LE(12);
    let whole = 0;
    for (let length = 0; length <= typesBytes; length += 4) {
      const { value, error } = guarded(() => new Btf(withWord(blob, 12, length)));
      if (error) expect(error.code).toBe('BTF_INVALID');
      else {
        expect(walkBtf(value)).toBeGreaterThanOrEqual(0);
        whole++;
      }
    }
    expect(whole).toBe(btf.endId);
  });

  test.each([
    ['magic', changed(blob, [[0, 0]])],
    ['magic of the other byte order', withWord(blob, 0, 0x00019feb)],
    ['version', changed(blob, [[2, 2]])],
    ['header size 0', withWord(blob, 4, 0)],
    ['header size beyond the end', withWord(blob, 4, 0xfffffffc)],
    ['type offset odd', withWord(blob, 8, 2)],
    ['type offset beyond the end', withWord(blob, 8, 0xfffffffc)],
    ['type length odd', withWord(blob, 12, 13)],
    ['type length beyond the end', withWord(blob, 12, 0xfffffffc)],
    ['string offset beyond the end', withWord(blob, 16, 0xffffffff)],
    ['string length beyond the end', withWord(blob, 20, 0xffffffff)],
    ['no strings', withWord(blob, 20, 0)],
    ['strings without an end', changed(blob, [[blob.length - 1, 65]])],
    ['kind 0', blobOf([0, info(0), 0])],
    ['kind 20', blobOf([0, info(20), 0])],
    ['kind 31', blobOf([0, info(31), 0])],
    ['a structure with more members than bytes', blobOf([0, info(K.STRUCT, 0xffff), 4])],
    ['a prototype with one parameter too many', blobOf([0, info(K.FUNC_PROTO, 2), 0, 0, 0])],
    ['an integer without its encoding', blobOf([0, info(K.INT), 4])],
    ['an array without its count', blobOf([0, info(K.ARRAY), 0, 0, 0])],
    ['half a type', blobOf([0, info(K.PTR), 0, 0])],
  ])('BTF with a wrong header or type is refused: %s', (_, bytes) => {
    expect(refused(bytes)).toBe('BTF_INVALID');
  });

  test('BTF above the size limit is refused', () => {
    // Never touched, so it takes no memory.
    expect(refused(new Uint8Array((256 << 20) + 4))).toBe('BTF_INVALID');
  });

  test('a name offset outside of the strings is refused', () => {
    const bad = new Btf(blobOf([999, info(K.STRUCT, 1), 4, 998, 0, 0]));
    expect(failureOf(() => bad.name(1)).code).toBe('BTF_INVALID');
    expect(failureOf(() => bad.members(1)).code).toBe('BTF_INVALID');
    expect(failureOf(() => new BtfTypes(bad).type(1)).code).toBe('BTF_INVALID');
  });
});

describe('types that cannot be C are refused', () => {
  const refused = (words: readonly number[], strings = '\0', id = 1): string => {
    const types = new BtfTypes(new Btf(blobOf(words, strings)));
    return failureOf(() => typeToC(types.type(id), 'x')).code;
  };

  test.each([
    ['a typedef of itself', [1, info(K.TYPEDEF), 1]],
    ['a pointer to itself', [0, info(K.PTR), 1]],
    ['a pointer to a typedef to the pointer', [0, info(K.PTR), 2, 1, info(K.TYPEDEF), 1]],
    ['an array of itself', [0, info(K.ARRAY), 0, 1, 1, 2]],
    ['const volatile const without end', [0, info(K.CONST), 2, 0, info(K.VOLATILE), 1]],
    ['restrict of itself', [0, info(K.RESTRICT), 1]],
    ['a function that returns itself', [0, info(K.FUNC_PROTO), 1]],
    ['a function that takes itself', [0, info(K.FUNC_PROTO, 1), 0, 1, 1]],
    ['a pointer to nowhere', [0, info(K.PTR), 77]],
    ['a pointer to a FUNC', [0, info(K.PTR), 2, 1, info(K.FUNC), 0]],
    ['a pointer to a VAR', [0, info(K.PTR), 2, 1, info(K.VAR), 0, 0]],
    ['an integer of 3 bytes', [1, info(K.INT), 3, 24]],
    ['an integer of 0 bytes', [1, info(K.INT), 0, 0]],
    ['an enumeration of 16 bytes', [1, info(K.ENUM), 16]],
    ['an enumeration of 3 bytes', [1, info(K.ENUM64), 3]],
  ])('a type that is %s is refused', (_, words) => {
    expect(refused(words, '\0a\0')).toBe('BTF_INVALID');
  });

  test('a FUNC whose prototype is none is refused', () => {
    const types = new BtfTypes(new Btf(blobOf([1, info(K.FUNC), 2, 0, info(K.PTR), 0], '\0a\0')));
    expect(failureOf(() => types.prototype(1)).code).toBe('BTF_INVALID');
  });

  test('chains of types are refused by their length, in whatever order they are asked for', () => {
    const b = new BtfBuilder();
    b.int('int', 4);
    for (let id = 1; id < 2000; id++) b.ref(K.PTR, id);
    const chain = new Btf(b.build());
    const spelled = (types: BtfTypes, id: number) => guarded(() => typeToC(types.type(id)));
    const upward = new BtfTypes(chain);
    const results = Array.from({ length: 2000 }, (_, index) => spelled(upward, index + 1));
    expect(results[10]!.value).toBe(`int ${'*'.repeat(10)}`);
    for (const id of [1, 40, 64, 65, 66, 67, 100, 2000]) {
      const alone = spelled(new BtfTypes(chain), id);
      expect(alone.value, `${id}`).toBe(results[id - 1]!.value);
      expect(alone.error?.code, `${id}`).toBe(id > 64 ? 'BTF_INVALID' : undefined);
    }
    expect(spelled(new BtfTypes(chain), 2000).error?.code).toBe('BTF_INVALID');
  });

  test('prototypes that double with each level are refused before they fill the memory', () => {
    const b = new BtfBuilder();
    let last = b.int('int', 4);
    for (let level = 0; level < 30; level++) {
      const proto = b.raw({ kind: K.FUNC_PROTO, vlen: 2, sizeOrType: last, words: [0, last, 0, last] });
      last = b.ref(K.PTR, proto);
    }
    const types = new BtfTypes(new Btf(b.build()));
    expect(failureOf(() => typeToC(types.type(last))).code).toBe('BTF_INVALID');
  });

  test('names that JavaScript objects have are names like any other', () => {
    const b = new BtfBuilder();
    for (const name of ['constructor', 'toString', '__proto__']) {
      const id = b.int(name, 4);
      expect(typeToC(new BtfTypes(new Btf(b.build())).type(id), 'x')).toBe(`${name} x`);
    }
  });
});

describe('hostile bytes end in a value or in BTF_INVALID', () => {
  const open = (bytes: Uint8Array): void => {
    const { value, error } = guarded(() => new Btf(bytes));
    if (error) expect(error.code).toBe('BTF_INVALID');
    else walkBtf(value);
  };

  test('random bytes behind a good header end in a value or in BTF_INVALID', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 0xffffffff }), { maxLength: 40 }), fc.string(), (words, names) => {
        open(blobOf(words, `\0${names}\0`));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('random types of known kinds end in a value or in BTF_INVALID', () => {
    const kinds = Object.values(K).filter(kind => kind !== K.VOID);
    const small = fc.nat({ max: 12 });
    const type = fc.tuple(small, fc.constantFrom(...kinds), fc.nat({ max: 3 }), small, fc.boolean());
    const extra: Readonly<Record<number, readonly [number, number]>> = {
      [K.INT]: [1, 0],
      [K.ARRAY]: [3, 0],
      [K.STRUCT]: [0, 3],
      [K.UNION]: [0, 3],
      [K.ENUM]: [0, 2],
      [K.FUNC_PROTO]: [0, 2],
      [K.VAR]: [1, 0],
      [K.DATASEC]: [0, 3],
      [K.DECL_TAG]: [1, 0],
      [K.ENUM64]: [0, 3],
    };
    let told = 0;
    fc.assert(
      fc.property(fc.array(type, { maxLength: 12 }), fc.infiniteStream(small), (types, stream) => {
        const words = types.flatMap(([name, kind, vlen, target, flag]) => {
          const [fixed, each] = extra[kind] ?? [0, 0];
          const more = Array.from({ length: fixed + vlen * each }, () => stream.next().value);
          return [name, info(kind, vlen) + (flag ? 2 ** 31 : 0), target, ...more];
        });
        const random = new Btf(blobOf(words, '\0a\0bc\0def\0ghi\0'));
        told += random.endId - walkBtf(random);
      }),
      { seed: 2, numRuns: 1000 },
    );
    expect(told).toBeGreaterThan(2000);
  });

  test('a good blob with some bytes changed ends in a value or in BTF_INVALID', () => {
    const byte = fc.tuple(fc.nat({ max: blob.length - 1 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(byte, { minLength: 1, maxLength: 6 }), changes => open(changed(blob, changes))),
      { seed: 3, numRuns: 2000 },
    );
  });

  test('a good blob with one word changed ends in a value or in BTF_INVALID', () => {
    const likely = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, info(K.STRUCT, 0xffff), info(K.PTR)];
    for (let at = 0; at + 4 <= blob.length; at += 4) {
      for (const word of likely) open(withWord(blob, at, word));
    }
  });

  test('a good module over a base that it was not made for ends in a value or in BTF_INVALID', () => {
    fc.assert(
      fc.property(fc.nat({ max: 60 }), fc.nat({ max: 200 }), (typeCount, stringBytes) => {
        const b = new BtfBuilder({ ids: typeCount + 1, stringBytes: stringBytes + 1 });
        b.struct('own', 8, [{ name: 'member', type: 1, bitOffset: 0 }]);
        b.func('f', typeCount, { a: typeCount + 1 });
        walkBtf(new Btf(b.build(), btf));
      }),
      { seed: 4, numRuns: 200 },
    );
  });
});

const KERNEL_BTF = '/sys/kernel/btf/vmlinux';

function kernelBlob(): Uint8Array | undefined {
  try {
    return readFileSync(KERNEL_BTF);
  } catch {
    return undefined;
  }
}

const real = kernelBlob();

describe.skipIf(!real)(`the running kernel's own BTF (skipped without a readable ${KERNEL_BTF})`, () => {
  const kernel = real && new Btf(real);

  test('every type of the running kernel can be read', () => {
    // VARs, DATASECs and DECL_TAGs are no C types.
    let others = 0;
    for (const kind of [K.VAR, K.DATASEC, K.DECL_TAG]) kernel!.forEachName(kind, () => others++);
    expect(walkBtf(kernel!)).toBe(others);
  });

  test('the running kernel has the types that every kernel has', () => {
    const types = new BtfTypes(kernel!);
    const spelled = (name: string) => typeToC(types.prototype(kernel!.find(name, K.FUNC)[0]!), name);
    expect(spelled('kfree')).toMatch(/^void kfree\(const void \*\w+\)$/);
    expect(spelled('_printk')).toMatch(/^int _printk\(const char \*\w+, \.\.\.\)$/);
    expect(kernel!.find('task_struct', K.STRUCT)).toHaveLength(1);
    expect(kernel!.findEnumerator('PIDTYPE_PID')?.value).toBe(0n);
  });
});
