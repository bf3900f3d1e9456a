import { describe, expect, test } from 'vitest';
import { BTF_KIND } from '../../../../agent/compiler/btf/index.ts';
import { Btf, Compiler, type KernelSymbol, printIr } from '../../../../agent/compiler/index.ts';
import { BtfBuilder } from '../support/btf-builder.ts';
import { failureOf } from '../support/guarded.ts';
import { symbolTable } from '../support/small-kernel.ts';

/**
 * A kernel, and two modules that both have `start`; only one of them has `only_here` and a structure of its
 * own.
 */
function kernelWithModules(): Compiler {
  const base = new BtfBuilder();
  const int = base.int('int', 4);
  const char = base.int('char', 1);
  base.struct('module', 896, [
    { name: 'name', type: base.array(char, 56), bitOffset: 24 * 8 },
    { name: 'init', type: base.ref(BTF_KIND.PTR, 0), bitOffset: 312 * 8 },
  ]);
  base.func('probe', int, { bus: int });
  // As BTF has what is in assembler.
  for (const name of ['memcpy', '__sw_hweight64', '__get_user_4']) base.func(name, 0);
  base.func('cut', int, { length: int });
  const split = (): BtfBuilder => new BtfBuilder({ ids: base.ids, stringBytes: base.stringBytes });
  const [one, two] = [split(), split()];
  one.func('start', int, { level: int });
  one.func('only_here', int);
  one.struct('one_state', 8, [{ name: 'users', type: int, bitOffset: 32 }]);
  two.func('start', int);
  const symbol = (name: string, index: number, module?: string, type = 't'): KernelSymbol => ({
    name,
    type,
    module,
    address: 0xffffffffc0000000n + BigInt(index) * 16n,
  });
  const symbols = symbolTable([
    symbol('copy_to_user_nofault', 1),
    symbol('copy_from_kernel_nofault', 2),
    symbol('start', 3, 'one'),
    symbol('start', 4, 'two'),
    symbol('only_here', 5, 'one'),
    symbol('state', 6, 'one', 'd'),
    symbol('state', 7, 'two', 'd'),
    symbol('formats', 8, undefined, 'd'),
    symbol('formats', 9, undefined, 'd'),
    symbol('probe', 10),
    symbol('probe', 11),
    symbol('memcpy', 12, undefined, 'T'),
    symbol('__sw_hweight64', 13, undefined, 'T'),
    symbol('__get_user_4', 14, undefined, 'T'),
    symbol('memset', 17, undefined, 'W'),
    symbol('cut.isra.0', 15),
    symbol('cut.cold', 16),
  ]);
  const btf = new Btf(base.build());
  const modules = new Map([
    ['one', new Btf(one.build(), btf)],
    ['two', new Btf(two.build(), btf)],
  ]);
  const abi = { vermagic: 'x', moduleLayoutCrc: undefined, kcfiInitHash: undefined };
  return new Compiler({
    ...{ arch: 'x86_64', btf, symbols, abi },
    ...{ moduleBtf: name => modules.get(name), loadedModules: () => [...modules.keys()] },
  });
}

const compiler = kernelWithModules();

describe('functions and data of modules are found by their names', () => {
  test.each([
    ['start@one(1) + start@two()', ['int start(int level)', 'int start(void)']],
    ['only_here()', ['int only_here(void)']],
    ['extern struct one_state state@one; state.users', []],
    ['extern struct one_state state@one; state@one.users', []],
    ['extern int formats@2; formats@2', []],
    ['probe@2(3)', ['int probe(int bus)']],
    ['memcpy((void *)8, "ab", 2)', ['void *memcpy(void *dest, const void *src, unsigned long count)']],
    ['memset((void *)8, 0, 2)', ['void *memset(void *s, int c, unsigned long count)']],
    ['__sw_hweight64(7)', ['unsigned long __sw_hweight64(unsigned long w)']],
    ['int (*f)(int) = &start@one; f(1)', ['int start(int level)']],
  ])('the program %s calls the functions of its modules', (program, prototypes) => {
    const { callees } = compiler.compile(program, 'farcall_test');
    expect(callees.map(({ prototype }) => prototype)).toEqual(prototypes);
  });

  test.each([
    ['start(1)', 'SYMBOL_AMBIGUOUS', /2 functions named 'start'/],
    ['start@two(1)', 'PROGRAM_TYPE', /takes 0 arguments, not 1/],
    ['start@three()', 'SYMBOL_UNKNOWN', /no function 'start'/],
    [
      'extern int state; state',
      'SYMBOL_AMBIGUOUS',
      /write which one: state@one at 0x\w+ behind '\w+', state@two at/,
    ],
    [
      'extern int formats; formats',
      'SYMBOL_AMBIGUOUS',
      /formats@1 at 0x\w+80 behind '\w+', formats@2 at 0x\w+90 behind '\w+'/,
    ],
    ['extern int formats@3; formats@3', 'SYMBOL_UNKNOWN', /only 2 symbols named 'formats'/],
    [
      'probe(1)',
      'SYMBOL_AMBIGUOUS',
      /2 functions named 'probe'; write which one: probe@1 at 0x\w+( behind '\w+')?, probe@2 at 0x\w+ behind '\w+'/,
    ],
    ['probe@9(1)', 'SYMBOL_UNKNOWN', /only 2 functions named 'probe'/],
    [
      'struct one_state s; s.users',
      'PROGRAM_TYPE',
      /no 'struct one_state'; the module one has it: .*name@one/,
    ],
    ['struct no_state s; s.users', 'PROGRAM_TYPE', /no 'struct no_state'$/m],
    ['__get_user_4()', 'SYMBOL_NOT_CALLABLE', /registers of its own choice/],
    [
      'cut(1)',
      'SYMBOL_NOT_CALLABLE',
      /by 'cut.isra.0' \(without some parameters, .*nobody knows how to call it/,
    ],
  ])('the program %s is refused', (program, code, message) => {
    const error = failureOf(() => compiler.compile(program, 'farcall_test'));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test('a symbol that is chosen by its position is the one at that address, in the order of addresses', () => {
    const texts = ['&formats@1', '&formats@2'].map(each =>
      printIr(compiler.compile(each, 'farcall_test').ir),
    );
    expect(texts[0]).toContain('0xffffffffc0000080');
    expect(texts[1]).toContain('0xffffffffc0000090');
  });

  test('two functions of one name keep their addresses', () => {
    const { image } = compiler.compile('start@one(1) + start@two()', 'farcall_test');
    expect(Buffer.from(image).toString('latin1')).toContain('start.ffffffffc0000040');
  });
});

test.each([
  ['a comment', '// see only_here@one\nsizeof(struct one_state)'],
  ['a block comment', '/* @one */ sizeof(struct one_state)'],
  ['a string', 'char *s = "@one"; sizeof(struct one_state)'],
])('%s that names a module brings none of its types in', (_what, program) => {
  const { message } = failureOf(() => kernelWithModules().compile(program, 'farcall_test'));
  expect(message).toMatch(/no 'struct one_state'/);
  const named = kernelWithModules().compile(`sizeof(struct one_state) + 0 * only_here@one()`, 'farcall_test');
  expect(named.effect).toBe('call');
});
