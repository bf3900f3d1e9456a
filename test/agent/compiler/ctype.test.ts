import { describe, expect, test } from 'vitest';
import { BTF_KIND, Btf } from '../../../agent/compiler/btf/index.ts';
import {
  BASIC,
  BtfTypes,
  bare,
  type CType,
  constOf,
  isConst,
  isInteger,
  type ParamType,
  pointerTo,
  prototypeToC,
  sizeOf,
  typeToC,
} from '../../../agent/compiler/ctype/index.ts';
import { BtfBuilder } from './support/btf-builder.ts';

const { int } = BASIC;
const char: CType = { ...BASIC.schar, name: 'char' };
const voidPointer = pointerTo(BASIC.void);
const constChar = constOf(char);

function volatileOf(of: CType): CType {
  return { kind: 'qualified', qualifier: 'volatile', of };
}

function array(of: CType, count: number): CType {
  return { kind: 'array', of, count };
}

function typedef(name: string, to: CType): CType {
  return { kind: 'typedef', name, to };
}

function fn(result: CType, params: readonly (CType | ParamType)[] = [], variadic = false): CType {
  const named = params.map(param => ('type' in param ? param : { name: '', type: param }));
  return { kind: 'function', result, params: named, variadic };
}

describe('a type is spelled as C declares it', () => {
  const handler = pointerTo(fn(int, [int, voidPointer]));
  test.each([
    ['int x', 'int', int],
    ['void *x', 'void *', voidPointer],
    ['char **x', 'char **', pointerTo(pointerTo(char))],
    ['const char *x', 'const char *', pointerTo(constChar)],
    ['char *const x', 'char *const', constOf(pointerTo(char))],
    ['const char *const x', 'const char *const', constOf(pointerTo(constChar))],
    ['const char *const *x', 'const char *const *', pointerTo(constOf(pointerTo(constChar)))],
    ['const volatile int x', 'const volatile int', constOf(volatileOf(int))],
    ['char *const volatile x', 'char *const volatile', constOf(volatileOf(pointerTo(char)))],
    ['char *volatile *const x', 'char *volatile *const', constOf(pointerTo(volatileOf(pointerTo(char))))],
    ['char x[16]', 'char [16]', array(char, 16)],
    ['char x[]', 'char []', array(char, 0)],
    ['int x[2][3]', 'int [2][3]', array(array(int, 3), 2)],
    ['const char x[4]', 'const char [4]', constOf(array(char, 4))],
    ['char *x[4]', 'char *[4]', array(pointerTo(char), 4)],
    ['char *const x[4]', 'char *const [4]', array(constOf(pointerTo(char)), 4)],
    ['char *const x[4]', 'char *const [4]', constOf(array(pointerTo(char), 4))],
    ['int (*x)[4]', 'int (*)[4]', pointerTo(array(int, 4))],
    ['const int (*x)[4]', 'const int (*)[4]', pointerTo(constOf(array(int, 4)))],
    ['int *(*x)[4]', 'int *(*)[4]', pointerTo(array(pointerTo(int), 4))],
    ['int (*(*x)[4])[2]', 'int (*(*)[4])[2]', pointerTo(array(pointerTo(array(int, 2)), 4))],
    ['int x(void)', 'int (void)', fn(int)],
    ['int x(const char *, ...)', 'int (const char *, ...)', fn(int, [pointerTo(constChar)], true)],
    ['int (*x)(int, void *)', 'int (*)(int, void *)', handler],
    ['int (**x)(int, void *)', 'int (**)(int, void *)', pointerTo(handler)],
    ['int (*const x)(int, void *)', 'int (*const)(int, void *)', constOf(handler)],
    ['int (*x[3])(int, void *)', 'int (*[3])(int, void *)', array(handler, 3)],
    ['int (*(*x)[3])(int, void *)', 'int (*(*)[3])(int, void *)', pointerTo(array(handler, 3))],
    ['int (*x(int))(int, void *)', 'int (*(int))(int, void *)', fn(handler, [int])],
    ['int (*(*x)(void))(int, void *)', 'int (*(*)(void))(int, void *)', pointerTo(fn(handler))],
    [
      'void (*x)(int (*)(int, void *))',
      'void (*)(int (*)(int, void *))',
      pointerTo(fn(BASIC.void, [handler])),
    ],
    ['int (*(*x)[2])[3]', 'int (*(*)[2])[3]', pointerTo(array(pointerTo(array(int, 3)), 2))],
    ['pid_t x', 'pid_t', typedef('pid_t', int)],
    ['const pid_t *x', 'const pid_t *', pointerTo(constOf(typedef('pid_t', int)))],
    ['const handler_t x', 'const handler_t', constOf(typedef('handler_t', handler))],
    ['handler_t *x[2]', 'handler_t *[2]', array(pointerTo(typedef('handler_t', handler)), 2)],
  ])('the type %s is spelled as C declares it', (named, abstract, type) => {
    expect(typeToC(type, 'x')).toBe(named);
    expect(typeToC(type)).toBe(abstract);
  });

  test('a prototype has the names of its parameters', () => {
    const type = fn(voidPointer, [
      { name: 'size', type: BASIC.ulong },
      { name: 'done', type: pointerTo(fn(BASIC.void, [voidPointer])) },
      { name: 'names', type: array(pointerTo(constChar), 2) },
    ]);
    if (type.kind !== 'function') throw new Error('not a function');
    expect(prototypeToC('start', type)).toBe(
      'void *start(unsigned long size, void (*done)(void *), const char *names[2])',
    );
  });
});

describe('types of BTF become types of C', () => {
  const b = new BtfBuilder();
  const K = BTF_KIND;
  const ids = {
    long: b.int('long unsigned int', 8, false),
    char: b.int('char', 1),
    bool: b.int('_Bool', 1, false, true),
    anonymous: b.struct('', 4, []),
    tagged: b.ref(K.TYPE_TAG, 2, 'user'),
    forward: b.raw({ name: 'later', kind: K.FWD }),
    union: b.raw({ name: 'either', kind: K.FWD, flag: true }),
    colour: b.enumeration('colour', { RED: 0 }),
    signed: b.enumeration('sign', { MINUS: -1 }, true),
    double: b.raw({ name: 'double', kind: K.FLOAT, sizeOrType: 8 }),
  };
  const pointer = (id: number) => b.ref(K.PTR, id);
  const restricted = b.ref(K.RESTRICT, pointer(b.ref(K.CONST, ids.tagged)));
  const alone = b.func('alone', 0, { '...': 0 });
  const types = new BtfTypes(new Btf(b.build()));

  test.each([
    ['unsigned long x', ids.long, 8],
    ['char x', ids.char, 1],
    ['_Bool x', ids.bool, 1],
    ['struct <anonymous> x', ids.anonymous, 4],
    ['char x', ids.tagged, 1],
    ['struct later x', ids.forward, undefined],
    ['union either x', ids.union, undefined],
    ['enum colour x', ids.colour, 4],
    ['double x', ids.double, 8],
    ['const char *x', restricted, 8],
    ['void x', 0, undefined],
  ] as const)('the type %s is made of BTF, with its size', (spelled, id, sizeBytes) => {
    expect(typeToC(types.type(id), 'x')).toBe(spelled);
    expect(sizeOf(types.type(id))).toBe(sizeBytes);
  });

  test('enumerations have their sign in C', () => {
    expect(types.type(ids.colour)).toMatchObject({ kind: 'enum', signed: false });
    expect(types.type(ids.signed)).toMatchObject({ kind: 'enum', signed: true });
  });

  test('a prototype may have nothing but an ellipsis', () => {
    expect(prototypeToC('alone', types.prototype(alone))).toBe('void alone(...)');
  });

  test('each type is made only once', () => {
    expect(types.type(restricted)).toBe(types.type(restricted));
  });
});

describe('what typedefs and qualifiers hide', () => {
  const hidden = typedef('a', volatileOf(typedef('b', constOf(typedef('c', int)))));

  test('a qualifier or typedef that is hidden is still there', () => {
    expect(bare(hidden)).toBe(int);
    expect(sizeOf(hidden)).toBe(4);
    expect(isInteger(hidden)).toBe(true);
    expect(isInteger(pointerTo(hidden))).toBe(false);
  });

  test('const is seen through both, and not through a pointer', () => {
    expect(isConst(hidden)).toBe(true);
    expect(isConst(typedef('d', volatileOf(int)))).toBe(false);
    expect(isConst(pointerTo(hidden))).toBe(false);
    expect(constOf(hidden)).toBe(hidden);
  });

  test('sizes of arrays are those of their elements', () => {
    expect(sizeOf(array(typedef('t', array(pointerTo(int), 3)), 5))).toBe(120);
    expect(sizeOf(array(BASIC.void, 5))).toBeUndefined();
    expect(sizeOf(array(int, 0))).toBe(0);
  });
});
