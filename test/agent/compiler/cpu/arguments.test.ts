import { describe, expect, test } from 'vitest';
import { BTF_KIND as K } from '../../../../agent/compiler/btf/index.ts';
import { BtfBuilder } from '../support/btf-builder.ts';
import { failureOf } from '../support/guarded.ts';
import { kernelOf } from '../support/kernel-of.ts';

/** A kernel with parameters of the kinds that are easy to get wrong. */
function kernel() {
  const b = new BtfBuilder();
  const int = b.int('int', 4);
  const char = b.int('char', 1);
  const long = b.int('long int', 8);
  const wide = b.int('__int128', 16);
  const double = b.raw({ name: 'double', kind: K.FLOAT, sizeOrType: 8 });
  const pointer = (to: number) => b.ref(K.PTR, to);
  const typedefOf = (name: string, to: number) => b.ref(K.TYPEDEF, to, name);
  const constOf = (to: number) => b.ref(K.CONST, to);
  const handler = (...params: number[]) =>
    pointer(
      b.raw({
        kind: K.FUNC_PROTO,
        vlen: params.length,
        sizeOrType: int,
        words: params.flatMap(id => [0, id]),
      }),
    );
  const member = [{ name: 'counter', type: int, bitOffset: 0 }];
  const atomic = typedefOf('atomic_t', b.struct('', 4, member));
  const other = typedefOf('kuid_t', b.struct('', 4, member));
  const full = b.struct('page', 64, member);
  const forward = b.raw({ name: 'page', kind: K.FWD });
  const anonymous = b.enumeration('', { ANONYMOUS: 1 });
  const functions: Readonly<Record<string, readonly [result: number, ...params: number[]]>> = {
    get_int: [int],
    get_atomic: [pointer(atomic)],
    get_other: [pointer(other)],
    get_forward: [pointer(forward)],
    get_wide: [wide],
    get_double: [double],
    get_strings: [pointer(pointer(char))],
    take_atomic: [int, pointer(atomic)],
    take_page: [int, pointer(full)],
    take_wide: [int, wide],
    take_double: [int, double],
    take_enum: [int, anonymous],
    take_handler: [int, handler(int, pointer(0))],
    take_long_handler: [int, handler(long, pointer(0))],
    take_void_pointers: [int, pointer(pointer(0))],
    take_const_strings: [int, pointer(constOf(pointer(constOf(char))))],
    a_handler: [int, int, pointer(0)],
  };
  for (const [name, [result, ...params]] of Object.entries(functions)) {
    b.func(name, result, Object.fromEntries(params.map((type, index) => [`p${index}`, type])));
  }
  const text = Object.keys(functions).map((name, index) => [name, 0xffffffff81000000n + BigInt(index) * 64n]);
  return kernelOf(b, { text: Object.fromEntries(text) });
}

const compiler = kernel();

describe('what C takes as an argument compiles', () => {
  test.each([
    'take_atomic(get_atomic())',
    'take_atomic(0)',
    'take_atomic(NULL)',
    'take_page(get_forward())',
    'take_page((struct page *)get_int())',
    'take_enum(ANONYMOUS)',
    'take_handler(a_handler)',
    'take_handler(&a_handler)',
  ])('the call %s compiles', program => {
    expect(compiler.compile(program, 'farcall_test').callees.length).toBeGreaterThan(0);
  });
});

describe('arguments that C refuses or farcall cannot compile are refused with their location', () => {
  test.each([
    ['take_atomic(get_other())', 'PROGRAM_TYPE', /a value of type kuid_t \*/],
    ['get_int() ? get_atomic() : get_other()', 'PROGRAM_TYPE', /branches/],
    ['take_handler(get_int)', 'PROGRAM_TYPE', /int \(\*\)\(void\)/],
    ['take_handler((void *)&get_int)', 'PROGRAM_TYPE', /only the name of a function/],
    ['take_long_handler(a_handler)', 'PROGRAM_TYPE', /int \(\*\)\(int p0, void \*p1\)/],
    ['take_wide(1)', 'PROGRAM_UNSUPPORTED', /cannot pass __int128/],
    ['take_wide(get_int())', 'PROGRAM_UNSUPPORTED', /cannot pass __int128/],
    ['take_double(1)', 'PROGRAM_UNSUPPORTED', /cannot pass double/],
    ['get_wide()', 'PROGRAM_UNSUPPORTED', /returns __int128/],
    ['get_wide() + 1', 'PROGRAM_UNSUPPORTED', /returns __int128/],
    ['get_double()', 'PROGRAM_UNSUPPORTED', /returns double/],
    ['take_atomic(get_int() ? get_atomic() : (void)0)', 'PROGRAM_TYPE', /branches/],
    ['take_page(get_int())', 'PROGRAM_TYPE', /cast it/],
  ])('the call %s is refused', (program, code, message) => {
    const error = failureOf(() => compiler.compile(program, 'farcall_test'));
    expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
    expect(error.location).toBeDefined();
  });
});
