import { describe, expect, test } from 'vitest';
import { BTF_KIND } from '../../../agent/compiler/btf/index.ts';
import { Btf, Compiler, type KernelSymbol } from '../../../agent/compiler/index.ts';
import { BtfBuilder } from './support/btf-builder.ts';
import { failureOf } from './support/guarded.ts';
import { symbolTable } from './support/small-kernel.ts';

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
  ]);
  const btf = new Btf(base.build());
  const modules = new Map([
    ['one', new Btf(one.build(), btf)],
    ['two', new Btf(two.build(), btf)],
  ]);
  const abi = { vermagic: 'x', moduleLayoutCrc: undefined, kcfiInitHash: undefined };
  return new Compiler({ arch: 'x86_64', btf, symbols, abi, moduleBtf: name => modules.get(name) });
}

const compiler = kernelWithModules();

describe('functions and data of modules are found by their names', () => {
  test.each([
    ['start@one(1) + start@two()', ['int start(int level)', 'int start(void)']],
    ['only_here()', ['int only_here(void)']],
    ['extern struct one_state state@one; state.users', []],
    ['int (*f)(int) = &start@one; f(1)', ['int start(int level)']],
  ])('the program %s calls the functions of its modules', (program, prototypes) => {
    const { callees } = compiler.compile(program, 'farcall_test');
    expect(callees.map(({ prototype }) => prototype)).toEqual(prototypes);
  });

  test.each([
    ['start(1)', 'SYMBOL_AMBIGUOUS', /2 functions named 'start'/],
    ['start@two(1)', 'PROGRAM_TYPE', /takes 0 arguments, not 1/],
    ['start@three()', 'SYMBOL_UNKNOWN', /no function 'start'/],
    ['extern int state; state', 'SYMBOL_AMBIGUOUS', /write state@module for the one/],
    ['struct one_state s; s.users', 'PROGRAM_TYPE', /no 'struct one_state'/],
  ])('the program %s is refused', (program, code, message) => {
    const error = failureOf(() => compiler.compile(program, 'farcall_test'));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test('two functions of one name keep their addresses', () => {
    const { image } = compiler.compile('start@one(1) + start@two()', 'farcall_test');
    expect(Buffer.from(image).toString('latin1')).toContain('start.ffffffffc0000040');
  });
});
